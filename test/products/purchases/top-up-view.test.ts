import { expect, it } from "vitest";
import { parseDollars, ZERO } from "../../../src/money/nanodollars.ts";
import { showTopUp, TopUpReply } from "../../../src/products/purchases/top-up-view.ts";

const since = new Date("2026-03-01T00:00:00Z");
const found = { purchaseId: null, chainSeen: "current", since, observed: ZERO, deposits: [] } as const;
const asked = { tracer: "trc", receivingAddress: "0x1" };

it("succeeds only when something was credited, and shows money as exact decimal strings", () => {
  const balance = parseDollars("907199254.740993001");
  const credited = parseDollars("0.000000001");
  const shown = showTopUp({ ...found, status: "credited", credited, balance }, { ...asked, sessionId: "ses" });
  expect(TopUpReply.parse(shown)).toMatchObject({
    success: true,
    updatedValue: "907199254.740993001",
    balance_nanodollars: "907199254740993001",
    credited: "0.000000001",
    checkout_session_id: "ses",
  });
  for (const status of ["waiting", "nothing_new", "chain_unreachable"] as const) {
    expect(showTopUp({ ...found, status, credited: ZERO, balance }, asked)).toMatchObject({ success: false, status });
  }
});

it("names no session to who came by the purchase", () => {
  const shown = showTopUp({ ...found, status: "nothing_new", credited: ZERO, balance: ZERO }, asked);
  expect(shown).not.toHaveProperty("checkout_session_id");
});
