import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finishPhase } from "../../../../src/products/purchases/finish-phase.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { charge, exhaust, lifecycleNeeds, type Sale, sell, sellUnprovisioned } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
});
afterAll(() => app.close());

const read = ({ purchaseId, customerKey }: Sale) =>
  app.call(`/purchase/${purchaseId}/credentials`, { key: customerKey });

describe("200", () => {
  it("gives what an S3 client needs, never to be cached", async () => {
    const { status, headers, body } = await read(sale);
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      endpoint: "http://s3.example",
      region: "us-east-1",
      bucket: expect.stringContaining("b-pur-"),
      access_key_id: expect.stringContaining("b-pur-"),
      secret_access_key: `secret-of-${sale.purchaseId}`,
    });
  });

  it("still gives them in grace: the customer may fetch the data or top up", async () => {
    const bought = await sell(app, "5");
    await charge(app, bought, "4.96");
    expect((await read(bought)).status).toBe(200);
  });

  it("C20: leaves the secret in no log", async () => {
    await read(sale);
    expect(app.lines.join("").includes(`secret-of-${sale.purchaseId}`)).toBe(false);
  });
});

describe("409 not_provisioned_yet", () => {
  it("says when to ask again", async () => {
    expect(await read(await sellUnprovisioned(app))).toMatchObject({
      status: 409,
      body: { code: "not_provisioned_yet", retry_after_seconds: 2 },
    });
  });
});

describe("410 purchase_terminated", () => {
  it("from the moment termination begins", async () => {
    const bought = await sell(app, "5");
    await exhaust(app, bought, "4.96");
    expect(await read(bought)).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
    await finishPhase(lifecycleNeeds(app), { purchaseId: bought.purchaseId, phase: "terminate" });
    expect(await read(bought)).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
  });
});

describe("404 purchase_not_found", () => {
  it("A09: for another's purchase and for one that does not exist", async () => {
    const other = await sell(app);
    for (const id of [other.purchaseId, "pur_none"]) {
      expect(await app.call(`/v1/purchase/${id}/credentials`, { key: sale.customerKey })).toMatchObject({
        status: 404,
        body: { code: "purchase_not_found" },
      });
    }
  });
});

describe("401 unauthorized, 403 forbidden", () => {
  it("for no key, and for the metering server's", async () => {
    const path = `/purchase/${sale.purchaseId}/credentials`;
    expect((await app.call(path)).status).toBe(401);
    expect((await app.call(path, { key: sale.vendorKey })).status).toBe(403);
  });
});
