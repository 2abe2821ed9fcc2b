import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { performRepair } from "../../../../src/products/purchases/repairs/perform-repair.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { countActions, newRequestId, park, repairNeeds, repairOf } from "../repairs/repair-world.ts";
import { charge, type Sale, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const send = (id: string, json: unknown, headers: Readonly<Record<string, string>> = {}, key: string = ADMIN_TOKEN) =>
  app.call(`/admin/purchases/${id}/repairs`, { key, json, headers });

describe("200", () => {
  it("does the repair and answers what was done, with nothing secret in it", async () => {
    const sale = await sell(app);
    const request = repairOf("terminateNow", { confirm: sale.purchaseId });
    const { status, body } = await send(sale.purchaseId, request);
    expect([status, body]).toEqual([
      200,
      {
        requestId: request.requestId,
        subject: `purchase/${sale.purchaseId}`,
        action: "terminateNow",
        outcome: "Terminating: access is revoked, then everything is deleted.",
        data: { was: "active" },
        actedAt: expect.any(String),
      },
    ]);
  });

  it("A05: gives whoever repeats it, by Idempotency-Key or by requestId or through the Update's activity, the same answer", async () => {
    const sale = await sell(app);
    const { requestId, ...rest } = repairOf("terminateNow", { confirm: sale.purchaseId });
    const first = await send(sale.purchaseId, rest, { "idempotency-key": requestId });
    const second = await send(sale.purchaseId, { ...rest, requestId });
    const third = await performRepair(repairNeeds(app), {
      purchaseId: sale.purchaseId,
      request: { ...rest, requestId },
    });
    expect([first.status, second.body, third]).toEqual([200, first.body, first.body]);
    expect(await countActions(app, sale)).toBe(1);
  });

  it("twenty at once over HTTP are one", async () => {
    const sale = await sell(app);
    await park(app, sale, null);
    const request = repairOf("retryStep");
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(sale.purchaseId, request)));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(await countActions(app, sale)).toBe(1);
  });

  it("refunds part of a balance, and all that is left, to where it came from; and says what no deposit carries", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "1");
    const part = await send(sale.purchaseId, repairOf("refund", { amount: "1.5" }));
    expect(part).toMatchObject({ status: 200, body: { data: { refunds: [{ amount: "1.5" }], not_refunded: "0" } } });
    const rest = await send(sale.purchaseId, repairOf("refund"));
    expect(rest).toMatchObject({ status: 200, body: { data: { refunds: [{ amount: "2.5" }] } } });
    expect(JSON.stringify([part.body, rest.body])).not.toMatch(/0x[0-9a-fA-F]{40}/);
    expect(await send(sale.purchaseId, repairOf("refund"))).toMatchObject({ body: { code: "nothing_to_refund" } });
  });

  it("pushes the sweep of a deposit", async () => {
    const sale = await sell(app);
    const row: { id: string } | undefined = await app
      .database("deposits")
      .where("deposit_address_id", sale.checkout.depositAddressId)
      .first("id");
    expect(await send(sale.purchaseId, repairOf("resumeSweep", { depositId: row?.id }))).toMatchObject({ status: 200 });
    const wake: { subject: string } | undefined = await app
      .database("wakes")
      .where("subject", `sweep/${row?.id}`)
      .first("subject");
    expect(wake).toBeDefined();
  });
});

describe("refusals change nothing", () => {
  it.each([
    ["no request id", { requestId: undefined }, 400, "invalid_repair"],
    ["an unknown action", { action: "dropTables" }, 400, "invalid_request"],
    ["no actor", { actor: undefined }, 400, "invalid_request"],
    ["A10: a balance", { balance: "999" }, 400, "invalid_repair"],
    ["a wrong confirmation", { action: "terminateNow", confirm: "pur_other" }, 400, "invalid_repair"],
    ["a time that is none", { action: "extendGrace", until: "tomorrow" }, 400, "invalid_repair"],
    ["an amount that is none", { action: "refund", amount: "-1" }, 400, "invalid_repair"],
    ["more than there is", { action: "refund", amount: "0.5", depositId: "dep_1" }, 400, "invalid_repair"],
    ["a deposit nobody sent", { action: "reassignDeposit", depositId: "dep_none" }, 404, "deposit_not_found"],
    [
      "grace of a purchase that has none",
      { action: "extendGrace", until: "2099-01-01T00:00:00Z" },
      409,
      "repair_not_allowed",
    ],
    ["nothing stuck", { action: "retryStep" }, 409, "not_stuck"],
  ])("%s", async (_what, change, status, code) => {
    const sale = await sell(app);
    const answer = await send(sale.purchaseId, { ...repairOf("retryStep"), ...change });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await countActions(app, sale)).toBe(0);
  });

  it("requestId and Idempotency-Key that differ, and a requestId of another repair", async () => {
    const sale = await sell(app);
    await park(app, sale, null);
    const request = repairOf("retryStep");
    expect(await send(sale.purchaseId, request, { "idempotency-key": newRequestId() })).toMatchObject({
      status: 400,
      body: { code: "invalid_repair" },
    });
    expect((await send(sale.purchaseId, request)).status).toBe(200);
    expect(await send(sale.purchaseId, { ...request, action: "terminateNow", confirm: sale.purchaseId })).toMatchObject(
      { status: 409, body: { code: "request_id_reused" } },
    );
  });

  it.each(HOSTILE_TEXTS)("%s as a deposit id", async (_what, depositId) => {
    const sale = await sell(app);
    const answer = await send(sale.purchaseId, repairOf("reassignDeposit", { depositId }));
    expect([400, 404]).toContain(answer.status);
  });

  it.each(["pur_none", "__proto__", "%27%20OR%201%3D1%20--"])("the purchase %s", async (id) => {
    expect(await send(id, repairOf("retryStep"))).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
  });

  it("A09: everybody but the operator", async () => {
    const sale: Sale = await sell(app);
    for (const key of [sale.customerKey, sale.vendorKey, `${ADMIN_TOKEN}x`])
      expect([401, 403]).toContain((await send(sale.purchaseId, repairOf("retryStep"), {}, key)).status);
  });
});
