import { expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { depositReassigned } from "../../../src/ledger/postings/reassignments.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { posted } from "./posted.ts";

it("a deposit that changes hands lowers what we owe one customer and raises what we owe another, once per request", () => {
  const [from, to] = [accounts.purchase("pur_1"), accounts.purchase("pur_2")];
  const draft = depositReassigned({ key: "repair:r1", depositId: "dep_1", from, to, amount: nanodollars(7n) });
  expect(posted(draft)).toEqual(["purchase/pur_1 -> purchase/pur_2 7"]);
  expect(draft.idempotencyKey).toBe("deposit-reassigned:repair:r1");
});
