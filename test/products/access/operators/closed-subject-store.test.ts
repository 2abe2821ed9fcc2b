import { afterAll, expect, it } from "vitest";
import { raiseWake } from "../../../../src/platform/temporal/wake-store.ts";
import { CLOSED_ACCESS_SUBJECTS } from "../../../../src/products/access/operators/closed-subject-store.ts";
import { endDueSession } from "../../../../src/products/access/sessions/end-due-session.ts";
import { closeWakes } from "../../../../src/products/purchases/watch/close-wakes.ts";
import { startSessionWorld } from "../sessions/session-world.ts";

const world = await startSessionWorld();
const { database, owner } = world;
afterAll(() => world.close());

const close = async () => {
  const aged = { sent_seq: owner.ref("seq"), updated_at: owner.raw("now() - interval '31 days'") };
  await owner("wakes").update(aged);
  await closeWakes({ database, closed: CLOSED_ACCESS_SUBJECTS });
  return world.wakes();
};

it("takes out the wakes of sessions, payments, payouts and notices that are over, and leaves the others", async () => {
  const [open, ended] = [await world.sell(), await world.sell()];
  await world.endIn(ended.session.id, -1);
  await endDueSession({ database }, { sessionId: ended.session.id });
  const [settled, final] = await Promise.all([open, ended].map(({ session }) => world.paySession(session.id)));
  await owner("access_payments").where("id", final).update({ final_at: owner.fn.now() });
  const doubtful = await world.payExtension(open.session.id, "unknown");
  const payout = { merchant_id: open.session.merchantId, network: "n", destination: "d", amount_units: 1 };
  const rows = [
    { id: "pay_open", token: "a" },
    { id: "pay_paid", token: "b", status: "paid", paid_at: owner.fn.now(), transaction_hash: "x" },
  ];
  for (const row of rows)
    await owner("access_payouts").insert({ ...payout, amount_nanodollars: 1, created_at: owner.fn.now(), ...row });
  const payments = [settled, final, doubtful.id].map((id) => `access-payment/${id}`);
  for (const subject of [...payments, "payout/pay_open", "payout/pay_paid", "merchant-notice/evt_1"])
    await raiseWake(database, subject);
  const left = [
    `access-payment/${settled}`,
    `access-payment/${doubtful.id}`,
    `access-session/${open.session.id}`,
    "payout/pay_open",
  ];
  expect(await close()).toEqual(left.sort());
  await doubtful.fail();
  expect(await close()).not.toContain(`access-payment/${doubtful.id}`);
});
