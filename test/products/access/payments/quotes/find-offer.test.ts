import { describe, expect, it } from "vitest";
import { evmMissing } from "../../../../support/evm.ts";
import { EVM, headerV2, type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("the quote a payment is for", () => {
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ payer, world } = used);
  });

  const ask = (assetId: string, json: object = {}, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json, headers });

  it("X21: holds its price and wallet, whatever the merchant changes before it is paid; the next quote has the new ones", async () => {
    const { assetId, merchantId, wallet } = await world.sellAsset();
    const required = await ask(assetId);
    const { header } = await signV2(payer, required);
    await world.app.owner("assets").where("id", assetId).update({ price_nanodollars: "900000000" });
    const moved = world.sender.address;
    await world.app
      .owner("merchant_wallets")
      .where({ merchant_id: merchantId, network: EVM })
      .update({ address: moved });
    expect((await ask(assetId)).body).toMatchObject({ total: "0.90" });
    expect((await ask(assetId, {}, header)).status).toBe(200);
    expect(await world.rows(assetId)).toMatchObject([{ amount_units: "100000", pay_to: wallet }]);
  });

  it("is refused once it expired, with a new quote and nothing sent", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { header } = await signV2(payer, required);
    const past = { expires_at: new Date(Date.now() - 1_000) };
    await world.app.owner("access_quotes").where("id", String(required.body.quoteId)).update(past);
    const late = await ask(assetId, {}, header);
    expect(late.status).toBe(402);
    expect(late.body).toMatchObject({ reason: "quote_expired" });
    expect(late.body.quoteId).not.toBe(required.body.quoteId);
    expect(world.calls).toEqual({ verify: [], settle: [] });
  });

  it("is compared with the terms a client echoes, word for word, and with the units the request states", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId, { units: 2 });
    const { payload, accepted, header } = await signV2(payer, required);
    const cheaper = headerV2({ payload, accepted: { ...accepted, amount: "1" } });
    expect((await ask(assetId, {}, cheaper)).body).toMatchObject({ reason: "offer_not_found" });
    expect((await ask(assetId, { units: 3 }, header)).body).toMatchObject({ reason: "units_mismatch" });
    const { quote: _secret, ...extra } = Object(accepted.extra);
    const nameless = headerV2({ payload, accepted: { ...accepted, extra } });
    expect((await ask(assetId, {}, nameless)).body).toMatchObject({ reason: "quote_not_found" });
    expect((await ask(assetId, { units: 2 }, header)).status).toBe(200);
  });
});
