import { afterAll, beforeAll, expect, it } from "vitest";
import { accessPaymentActivities } from "../../activities/access-payments.ts";
import { EVM, startDoubtWorld } from "../products/access/payments/doubt/doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

it("looks at a payment in doubt and repairs one, in plain JSON", async () => {
  const activities = accessPaymentActivities(world.needs);
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payload: null };
  const { id } = await world.submit({ ...facts, payloadKey: "0xab", transaction: "0xab" });
  const view = await activities.reconcilePayment({ paymentId: id });
  expect(view).toMatchObject({ status: "submitted", next: "wait", deadline: null });
  const request = { requestId: id, actor: "operations", note: "", action: "lookAgain" };
  const answer = await activities.repairPayment({ paymentId: id, request });
  expect(answer).toMatchObject({ subject: `access-payment/${id}`, action: "lookAgain" });
  expect(JSON.parse(JSON.stringify([view, answer]))).toEqual([view, answer]);
  expect(await world.rows.wakes()).toContain(`access-payment/${id}`);
});
