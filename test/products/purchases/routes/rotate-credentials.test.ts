import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { promoteBucketUser } from "../../../../src/products/purchases/bucket-user-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, type Sale, sell, sellUnprovisioned, wakes } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

const rotate = (sale: Sale, json: object = {}, init: object = {}) =>
  app.call(`/purchase/${sale.purchaseId}/credentials/rotate`, { key: sale.customerKey, json, ...init });

/** Does what the worker does, as soon as the wish is written. */
async function makeUser(sale: Sale): Promise<void> {
  await expect.poll(() => wakes(app, `rotate-credentials/${sale.purchaseId}`)).toBeGreaterThan(0);
  await promoteBucketUser(app.database, { purchaseId: sale.purchaseId, generation: 2 });
}

describe("200", () => {
  it("when the worker made it meanwhile, with no secret in the answer", async () => {
    const sale = await sell(app);
    const [answer] = await Promise.all([rotate(sale, { overlap_seconds: 60 }), makeUser(sale)]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: "rotated",
        generation: 2,
        credentials_url: `https://shop.example/purchase/${sale.purchaseId}/credentials`,
      },
    });
    expect(JSON.stringify(answer.body)).not.toContain("secret-of");
  });

  it("A02: the same Idempotency-Key is the same rotation", async () => {
    const sale = await sell(app);
    const init = { headers: { "idempotency-key": "turn" } };
    const [first] = await Promise.all([rotate(sale, {}, init), makeUser(sale)]);
    const again = await rotate(sale, {}, init);
    expect([again.body, again.headers.get("idempotency-replayed")]).toEqual([first.body, "true"]);
    expect((await rotate(sale, { overlap_seconds: 1 }, init)).status).toBe(422);
  });
});

describe("202", () => {
  it("while nobody made it yet: says where to look, and the former credentials are still shown", async () => {
    const sale = await sell(app);
    const answer = await rotate(sale);
    expect([answer.status, answer.body.status, answer.headers.get("retry-after")]).toEqual([202, "rotating", "2"]);
    const shown = await app.call(`/purchase/${sale.purchaseId}/credentials`, { key: sale.customerKey });
    expect(shown.body.secret_access_key).toBe(`secret-of-${sale.purchaseId}`);
  });
});

describe("refusals", () => {
  it("409 not_provisioned_yet and 410 purchase_terminated", async () => {
    expect(await rotate(await sellUnprovisioned(app))).toMatchObject({
      status: 409,
      body: { code: "not_provisioned_yet" },
    });
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    expect(await rotate(sale)).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
  });

  it("A09: 404 for another's purchase; 401 for no key; 403 for the vendor's", async () => {
    const [mine, other] = [await sell(app), await sell(app)];
    expect(await rotate(other, {}, { key: mine.customerKey })).toMatchObject({
      status: 404,
      body: { code: "purchase_not_found" },
    });
    expect((await rotate(mine, {}, { key: "" })).status).toBe(401);
    expect((await rotate(mine, {}, { key: mine.vendorKey })).status).toBe(403);
  });

  it.each([-1, 604_801, "0", 0.5])("400 invalid_request for an overlap of %j", async (overlap) => {
    expect((await rotate(await sell(app), { overlap_seconds: overlap })).status).toBe(400);
  });
});
