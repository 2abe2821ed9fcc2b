import { compactVerify, createLocalJWKSet } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { startTestApp, type TestApp } from "../../../support/app.ts";

const Keys = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string() })),
});

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("publishes the key that this server's receipts are checked with, to anybody", async () => {
  const { status, body, headers } = await app.call("/.well-known/receipt-keys.json");
  expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=3600"]);
  const receipt = await app.context.receiptKey.sign({
    network: "eip155:8453",
    resourceUrl: "https://tollkeeper.example/a",
    payer: "0xpayer",
    issuedAt: new Date(),
    transaction: "0xabc",
    asset: "0xasset",
    amountUnits: 1n,
    payTo: "0xmerchant",
    paymentId: "apy_1",
    sessionId: null,
  });
  const { payload } = await compactVerify(receipt, createLocalJWKSet(Keys.parse(body)));
  expect(new TextDecoder().decode(payload)).toContain('"payer":"0xpayer"');
});
