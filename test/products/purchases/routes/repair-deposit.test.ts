import { afterAll, beforeAll, expect, it } from "vitest";
import { listOperatorActions } from "../../../../src/platform/operator-action-store.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { repairOf } from "../repairs/repair-world.ts";
import { initiate, pay, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const send = (id: string, json: unknown, key: string = ADMIN_TOKEN) =>
  app.call(`/admin/deposits/${id}/repairs`, { key, json });

const rowOf = async (id: string) => app.database("deposits").where("id", id).first("status", "account");

const actionsOf = async (subject: string) =>
  (await listOperatorActions(app.database, { subject, limit: 10 })).map(({ action }) => action);

/** A deposit in suspense at the address of a checkout; `isOwned: false` as if it had reached the vendor's own wallet. */
async function suspended({ isOwned }: { readonly isOwned: boolean }) {
  const session = await initiate(app);
  const { depositAddressId } = session.checkout;
  await app
    .database("deposit_addresses")
    .where("id", depositAddressId)
    .update({ accepts: ["USDT"] });
  await pay(app, session, "3");
  const row: { id: string } | undefined = await app
    .database("deposits")
    .where("deposit_address_id", depositAddressId)
    .first("id");
  const id = row?.id ?? "";
  if (!isOwned) await app.database("deposits").where("id", id).update({ deposit_address_id: null });
  return { id, session };
}

async function refundIn(answer: { readonly body: unknown }): Promise<string> {
  return /ref_[0-9a-z]+/.exec(JSON.stringify(answer.body))?.[0] ?? "";
}

it("C09: sends a deposit that no purchase has back to its sender, once per request, and keeps it when that is given up", async () => {
  const { id } = await suspended({ isOwned: false });
  const request = repairOf("refund");
  const first = await send(id, request);
  expect(first).toMatchObject({
    status: 200,
    body: { subject: `deposit/${id}`, data: { refunds: [{ amount: "3" }] } },
  });
  expect((await send(id, request)).body).toEqual(first.body);
  expect(JSON.stringify(first.body)).not.toMatch(/0x[0-9a-fA-F]{40}/);
  expect(await rowOf(id)).toMatchObject({ status: "refunded" });
  const refundId = await refundIn(first);
  expect(await send(id, repairOf("confirmRefund", { refundId }))).toMatchObject({ status: 200 });
  expect(await app.database("refunds").where("id", refundId).first("confirmed_by")).toEqual({
    confirmed_by: "operations",
  });
  expect(await send(id, repairOf("resumeSweep", { refundId }))).toMatchObject({ status: 200 });
  expect(await send(id, repairOf("refuseRefund", { refundId }))).toMatchObject({ status: 200 });
  expect(await rowOf(id)).toMatchObject({ status: "suspense" });
  expect(await send(id, repairOf("confirmRefund", { refundId }))).toMatchObject({ body: { code: "refund_closed" } });
  expect(await actionsOf(`deposit/${id}`)).toEqual(["refuseRefund", "resumeSweep", "confirmRefund", "refund"]);
});

it("gives a deposit that no purchase has to one, and writes it down there", async () => {
  const [{ id }, sale] = [await suspended({ isOwned: false }), await sell(app)];
  const given = await send(id, repairOf("reassignDeposit", { purchaseId: sale.purchaseId }));
  expect(given).toMatchObject({ status: 200, body: { subject: `purchase/${sale.purchaseId}`, data: { amount: "3" } } });
  expect(await rowOf(id)).toMatchObject({ status: "confirmed", account: `purchase/${sale.purchaseId}` });
  const nobody = await send(id, repairOf("reassignDeposit", { purchaseId: "pur_none" }));
  expect(nobody).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
});

it("is the purchase's own repair where one has the deposit: shown there, with what the refund waits for", async () => {
  const { id, session } = await suspended({ isOwned: true });
  const { purchaseId } = session.checkout;
  const answer = await send(id, repairOf("refund"));
  expect(answer).toMatchObject({ status: 200, body: { subject: `purchase/${purchaseId}` } });
  const refundId = await refundIn(answer);
  const stranger = await suspended({ isOwned: false });
  for (const action of ["confirmRefund", "refuseRefund", "resumeSweep"])
    expect(await send(stranger.id, repairOf(action, { refundId }))).toMatchObject({
      status: 404,
      body: { code: "refund_not_found" },
    });
  const wrongPurchase = await app.call(`/admin/purchases/${(await sell(app)).purchaseId}/repairs`, {
    key: ADMIN_TOKEN,
    json: repairOf("refuseRefund", { refundId }),
  });
  expect(wrongPurchase).toMatchObject({ status: 404, body: { code: "refund_not_found" } });
  expect(await send(id, repairOf("refuseRefund", { refundId }))).toMatchObject({ status: 200 });
  expect(await actionsOf(`purchase/${purchaseId}`)).toEqual(["refuseRefund", "refund"]);
});

it("shows a purchase's refunds with what each waits for", async () => {
  const sale = await sell(app, "5");
  const asked = await app.call(`/admin/purchases/${sale.purchaseId}/repairs`, {
    key: ADMIN_TOKEN,
    json: repairOf("refund", { amount: "1" }),
  });
  const id = await refundIn(asked);
  const read = () => app.call(`/admin/purchases/${sale.purchaseId}`, { key: ADMIN_TOKEN });
  expect(await read()).toMatchObject({ body: { refunds: [{ id, status: "open", waiting_for: "transaction" }] } });
  await app.database("parked_workflows").insert({
    ...{ subject: `refund/${id}`, step: "prepare the refund", code: "sender_is_contract" },
    ...{ reason: "a contract", next_action: "confirmRefund", since: new Date() },
  });
  expect(await read()).toMatchObject({
    body: {
      refunds: [{ waiting_for: "sender_is_contract", reason: "a contract" }],
      stuck: [{ subject: `refund/${id}` }],
    },
  });
});

it.each([
  ["no request id", { requestId: undefined }, 400, "invalid_repair"],
  ["an unknown action", { action: "terminateNow" }, 400, "invalid_request"],
  ["an address to send to", { destination: "0x1" }, 400, "invalid_repair"],
  ["no purchase to give it to", { action: "reassignDeposit" }, 400, "invalid_repair"],
  ["a sweep it does not have", { action: "resumeSweep" }, 409, "repair_not_allowed"],
  ["a refund nobody made", { action: "refuseRefund", refundId: "ref_none" }, 404, "refund_not_found"],
])("changes nothing for %s", async (_what, change, status, code) => {
  const { id } = await suspended({ isOwned: false });
  expect(await send(id, { ...repairOf("refund"), ...change })).toMatchObject({ status, body: { code } });
  expect(await actionsOf(`deposit/${id}`)).toEqual([]);
});

it.each(HOSTILE_TEXTS)("refuses %s as a deposit id", async (_what, id) => {
  const answer = await send(`${new URLSearchParams({ id })}`.slice(3), repairOf("refund"));
  expect([400, 404]).toContain(answer.status);
});

it("A09: is the operator's alone", async () => {
  const sale = await sell(app);
  for (const key of [sale.customerKey, sale.vendorKey, `${ADMIN_TOKEN}x`])
    expect([401, 403]).toContain((await send("dep_none", repairOf("refund"), key)).status);
});
