import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const PATH = "/api/v1/merchant/invoices";

describe("GET /api/v1/merchant/invoices", () => {
  it("200: lists the merchant's own alone, by status", async () => {
    const { invoiceId, key } = await app.invoiced();
    await app.invoiced();
    expect(await app.call(PATH, { key })).toMatchObject({
      status: 200,
      body: { status: "success", data: { invoices: [{ id: invoiceId }], nextCursor: null } },
    });
    expect(await app.call(`${PATH}?status=paid`, { key })).toMatchObject({ body: { data: { invoices: [] } } });
  });

  it.each(["status=void", "limit=0", "cursor=apy_1"])("400 invalid_request for %s", async (query) => {
    const { key } = await app.seller();
    expect(await app.call(`${PATH}?${query}`, { key })).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
  });

  it("401 without a key", async () => {
    expect((await app.call(PATH)).status).toBe(401);
  });
});
