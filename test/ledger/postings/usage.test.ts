import { describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { usageCorrected, usageMetered, usageWrittenOff } from "../../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

const account = accounts.purchase("pur_1");
const event = { account, family: "purchases", eventId: "evt_1", amount: nanodollars(5n) };

describe("usage", () => {
  it("is paid from the customer's balance to the family's revenue, with what was used beside it", () => {
    const draft = usageMetered({ ...event, quantity: "1.5", unit: "GB", description: "egress" });
    expect(posted(draft)).toEqual([`${account} -> revenue/purchases 5`]);
    expect(draft).toMatchObject({ idempotencyKey: "usage:purchase/pur_1:evt_1", refusalCrossesThresholds: true });
    expect(draft.usage).toEqual({ quantity: "1.5", unit: "GB", description: "egress" });
  });

  it("charged too high is given back from that revenue, under a key of its own", () => {
    const draft = usageCorrected({
      account,
      family: "purchases",
      correctionId: "c_1",
      amount: nanodollars(2n),
      reason: "wrong price",
    });
    expect(posted(draft)).toEqual([`revenue/purchases -> ${account} 2`]);
    expect(draft).toMatchObject({ idempotencyKey: "usage-correction:purchase/pur_1:c_1", description: "wrong price" });
  });

  it("that will not be paid is our loss and touches no customer", () => {
    expect(posted(usageWrittenOff(event))).toEqual(["bad-debt/purchases -> revenue/purchases 5"]);
  });
});
