import { afterAll, expect, it } from "vitest";
import { STUCK_ACCESS_LOOKS } from "../../../../src/products/access/operators/stuck-look-store.ts";
import { findStuck, listStuck } from "../../../../src/products/purchases/watch/find-stuck.ts";
import { STUCK_KINDS } from "../../../../src/products/purchases/watch/stuck-limits.ts";
import { startSessionWorld } from "../sessions/session-world.ts";

const world = await startSessionWorld();
const { database, owner } = world;
afterAll(() => world.close());

const stuck = async () => {
  await findStuck({ database, looks: STUCK_ACCESS_LOOKS });
  const { items } = await listStuck(database, { limit: 50 });
  return items.filter(({ kind }) => kind !== "wake").map(({ subject, kind, reason }) => ({ subject, kind, reason }));
};

it("invariant 8: payments in doubt, overdue sessions and open payouts are found past their time, each once, and are gone when they move", async () => {
  const { session } = await world.sell();
  const settled = await world.paySession(session.id);
  const doubtful = await world.payExtension(session.id, "unknown");
  const payout = {
    id: "pay_1",
    merchant_id: session.merchantId,
    network: "n",
    token: "t",
    destination: "d",
    amount_units: 1,
  };
  await owner("access_payouts").insert({ ...payout, amount_nanodollars: 1, created_at: owner.fn.now() });
  expect(await stuck()).toEqual([]);
  const ago = owner.raw("now() - interval '3 hours'");
  await owner("access_payments").where({ id: doubtful.id }).update({ created_at: ago });
  await owner("access_payments").where({ id: settled }).update({ resolved_at: ago });
  await owner("access_payouts").update({ created_at: ago });
  await world.endIn(session.id, -600);
  const found = await stuck();
  expect(found).toHaveLength(4);
  expect(found).toEqual(
    expect.arrayContaining([
      { subject: `access-payment/${doubtful.id}`, kind: "access_payment", reason: "outcome_unknown" },
      { subject: `access-payment/${settled}`, kind: "access_not_final", reason: "payment_not_final" },
      { subject: `access-session/${session.id}`, kind: "access_session", reason: "session_overdue" },
      { subject: "payout/pay_1", kind: "payout", reason: "no_progress" },
    ]),
  );
  await doubtful.fail();
  await owner("access_payments").where({ id: settled }).update({ final_at: owner.fn.now() });
  await owner("access_payouts").update({ status: "paid", paid_at: owner.fn.now(), transaction_hash: "x" });
  await world.endIn(session.id, 600);
  expect(await stuck()).toEqual([]);
});

it("has a limit and an action for each of its kinds", () => {
  expect(STUCK_KINDS).toEqual(expect.arrayContaining(Object.keys(STUCK_ACCESS_LOOKS)));
});
