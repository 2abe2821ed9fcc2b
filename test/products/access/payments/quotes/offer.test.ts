import { describe, expect, it } from "vitest";
import { offer } from "../../../../../src/products/access/payments/quotes/offer.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { offersOf, type PaymentWorld } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("an offer", () => {
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ world } = used);
  });

  const ask = (assetId: string, json: object = {}) => world.app.call(`/api/v1/access/${assetId}`, { json });

  it("carries the seed's headers, the v2 header and the v1 body, each with the exact total", async () => {
    const { assetId, wallet } = await world.sellAsset({ price: "100001000" });
    const reply = await ask(assetId, { units: 3 });
    const shown = Object.fromEntries(reply.headers);
    expect(shown).toMatchObject({ "x-cost": "0.100001", "x-address": wallet, "x-unit": "minute", "x-units": "3" });
    expect(shown).toMatchObject({ "x-total": "0.300003", "x-facilitator": "https://facilitator.example" });
    expect(offersOf(reply).first).toMatchObject({ amount: "300003", payTo: wallet, network: "eip155:31337" });
    expect(reply.body).toMatchObject({ x402Version: 1, total: "0.300003" });
  });

  it("stores no secret of its quote", async () => {
    const { assetId } = await world.sellAsset();
    const reply = await ask(assetId);
    const row: unknown = await world.app.owner("access_quotes").where("id", String(reply.body.quoteId)).first();
    const secret = String(reply.body.quoteSecret);
    expect(JSON.stringify(offersOf(reply).first)).toContain(secret);
    expect(JSON.stringify(row)).not.toContain(secret.split(".")[1]);
  });

  it("is 503 while no facilitator is known, and 422 for a merchant without a wallet", async () => {
    const { assetId } = await world.sellAsset();
    world.known.isKnown = false;
    const unknown = await ask(assetId);
    expect(unknown.status).toBe(503);
    expect(unknown.body).toMatchObject({ code: "facilitator_unavailable" });
    expect(unknown.headers.get("retry-after")).toBe("10");
    const poor = await world.sellAsset({ wallet: null });
    expect((await ask(poor.assetId)).body).toMatchObject({ code: "merchant_has_no_wallet" });
  });

  it("is 404 for an asset nobody has, and for one whose merchant is gone", async () => {
    expect((await ask("ast_none")).body).toMatchObject({ code: "asset_not_found" });
    const { assetId, merchantId } = await world.sellAsset();
    const gone = { is_active: false, deactivated_at: new Date() };
    await world.app.owner("merchants").where("id", merchantId).update(gone);
    expect((await ask(assetId)).body).toMatchObject({ code: "asset_not_found" });
  });

  it("names the operator's network first where several are offered", async () => {
    const { assetId, merchantId, wallet } = await world.sellAsset();
    await world.app
      .owner("merchant_wallets")
      .insert({ merchant_id: merchantId, network: "eip155:84532", address: wallet });
    const [local] = world.needs.x402Networks;
    if (local === undefined) throw new Error("the world has one network");
    const sepolia = { ...local, id: "eip155:84532", caip2: "eip155:84532", v1Name: "base-sepolia" };
    const facilitators = { ...world.needs.facilitators, preferredNetwork: "base-sepolia" };
    const needs = { ...world.needs, x402Networks: [local, sepolia], facilitators };
    const offered = await offer(needs, { target: { assetId, session: null }, wanted: {} });
    if (offered.kind !== "payment_required") throw new Error(offered.kind);
    expect(offered.options.map(({ network }) => network)).toEqual(["eip155:84532", local.id]);
  });

  it("is made by one insert and no other write", async () => {
    const { assetId } = await world.sellAsset();
    await ask(assetId);
    expect(await world.app.owner("access_quotes").where("asset_id", assetId)).toHaveLength(1);
    expect(await world.app.owner("access_payment_log").where("asset_id", assetId)).toHaveLength(0);
  });
});
