import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertGasTankReading } from "../../../src/integrations/chains/outgoing/gas-tank-store.ts";
import type { PaymentMethod } from "../../../src/products/purchases/checkout.ts";
import { initiateCheckout } from "../../../src/products/purchases/checkout.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { checkoutNeeds, OFFER } from "./sales.ts";

let app: TestApp;
let methods: readonly PaymentMethod[];
beforeAll(async () => {
  app = await startTestApp();
  const [usdc] = app.context.cashier.methods;
  const usdt = app.context.networks[0]?.tokens.find(({ sweepMethod }) => sweepMethod === "gas_top_up");
  if (usdc === undefined || usdt === undefined) throw new Error("the network lists no such tokens");
  methods = [{ ...usdc, token: "USDT", tokenAddress: usdt.address }, usdc];
  await app.owner.raw(`UPDATE offers SET terms = jsonb_set(terms, '{tokens}', '["USDC", "USDT"]')`);
});
afterAll(() => app.close());

const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKey: null, tracer: null };
const initiate = (token: string | null) => {
  const cashier = { ...app.context.cashier, methods };
  return initiateCheckout(checkoutNeeds(app, { cashier }), { offer: { id: OFFER }, chain: null, token, ...nobody });
};
const read = (level: "ok" | "low" | "empty", sweepsLeft: number) =>
  insertGasTankReading(app.database, {
    chain: "eip155:31337",
    wallet: "0xabc",
    balanceUnits: 1n,
    gasPriceUnits: 1n,
    sweepsLeft,
    runways: {},
    level,
  });

describe("a payment method whose sweeps need native coin at the deposit address", () => {
  it("is offered while nothing is known of the gas tank", async () => {
    expect((await initiate("USDT")).method.token).toBe("USDT");
  });

  it.each(["low", "empty"] as const)(
    "is refused with 503 gas_tank_low while the tank is %s, and says when to come back",
    async (level) => {
      await read(level, 2);
      await expect(initiate("USDT")).rejects.toMatchObject({
        code: "gas_tank_low",
        status: 503,
        members: { retryAfterSeconds: 300 },
      });
    },
  );

  it("gives way to a token that needs none, where the buyer leaves the choice to us", async () => {
    expect((await initiate(null)).method.token).toBe("USDC");
    expect((await initiate("USDC")).method.token).toBe("USDC");
  });

  it("is offered again after the refill", async () => {
    await read("ok", 100);
    expect((await initiate("USDT")).method.token).toBe("USDT");
  });
});
