import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { X402Network } from "../../../../src/integrations/x402/networks.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { startTestFacilitator, type TestFacilitator } from "../../../support/facilitator.ts";

const NETWORK: X402Network = {
  id: "eip155:31337",
  caip2: "eip155:31337",
  v1Name: null,
  kind: "evm",
  shortName: "local",
  isTest: true,
  tokens: [],
};

describe("the facilitator's HTTP", () => {
  let test: TestDatabase;
  let own: TestFacilitator;

  beforeAll(async () => {
    test = await createTestDatabase();
    // Nobody listens there: the network is not served, and the process still answers.
    const networks = [{ network: NETWORK, rpcUrl: "http://127.0.0.1:9" }];
    own = await startTestFacilitator({ databaseUrl: test.applicationUrl, networks });
  });
  afterAll(async () => {
    await own.stop();
    await test.drop();
  });

  const post = async (path: string, body: string) => {
    const response = await fetch(`${own.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const call = JSON.stringify({
    ...{ x402Version: 2, paymentPayload: {} },
    paymentRequirements: { scheme: "exact", network: "eip155:31337" },
  });

  it("supports nothing while its node is away, and is ready all the same", async () => {
    expect(await (await fetch(`${own.url}/supported`)).json()).toEqual({ kinds: [], extensions: [], signers: {} });
    expect((await fetch(`${own.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${own.url}/health`)).status).toBe(200);
  });

  it("answers a call that cannot be looked at with x402's reasons", async () => {
    const verified = await post("/verify", call);
    expect(verified).toMatchObject({
      status: 200,
      body: { isValid: false, invalidReason: "invalid_payment_requirements" },
    });
    const settled = await post("/settle", call);
    expect(settled).toMatchObject({ status: 200, body: { success: false, transaction: "", network: "eip155:31337" } });
  });

  it.each([
    ["no JSON", "{", 400],
    ["another version", '{"x402Version":3,"paymentPayload":{},"paymentRequirements":{}}', 400],
    ["a payload that is no object", '{"x402Version":2,"paymentPayload":[],"paymentRequirements":{}}', 400],
    [
      "too much",
      JSON.stringify({ x402Version: 2, paymentPayload: { a: "x".repeat(40_000) }, paymentRequirements: {} }),
      413,
    ],
  ])("refuses %s", async (_name, body, status) => {
    for (const path of ["/verify", "/settle"]) expect((await post(path, body)).status).toBe(status);
  });
});
