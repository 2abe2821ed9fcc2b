import { describe, expect, it } from "vitest";
import { evmMissing } from "../../../../support/evm.ts";
import { type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("extending a session", () => {
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ payer, world } = used);
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const extend = (token: unknown, json: object = {}, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/sessions/${token}/extend`, { json, headers });
  const buy = async () => {
    const sold = await world.sellAsset();
    const granted = await ask(sold.assetId, (await signV2(payer, await ask(sold.assetId))).header);
    return { ...sold, token: granted.body.sessionToken, expiresAt: Date.parse(String(granted.body.expiresAt)) };
  };

  it("answers 402 for the time an amount buys, and adds it to the end there was", async () => {
    const { token, expiresAt, assetId } = await buy();
    const required = await extend(token, { additionalAmount: "0.55" });
    expect(required.body).toMatchObject({ units: 5, total: "0.50" });
    const granted = await extend(token, {}, (await signV2(payer, required)).header);
    expect(granted.body).toMatchObject({ status: "granted", sessionToken: token, units: 5 });
    expect(Date.parse(String(granted.body.expiresAt))).toBe(expiresAt + 5 * 60_000);
    expect(await world.sessions(assetId)).toMatchObject([{ is_extended: true, units: 6 }]);
  });

  it("takes several payments at once, each for its own time", async () => {
    const { token, assetId } = await buy();
    const quotes = [await extend(token), await extend(token), await extend(token)];
    const headers = await Promise.all(quotes.map(async (quote) => (await signV2(payer, quote)).header));
    const replies = await Promise.all(headers.map((header) => extend(token, {}, header)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await world.sessions(assetId)).toMatchObject([{ units: 4 }]);
  });

  it("X03: is bound to its session: its payment opens nothing, and a payment for access extends nothing", async () => {
    const { token, assetId } = await buy();
    const { header } = await signV2(payer, await extend(token));
    const elsewhere = await world.sellAsset();
    expect((await ask(elsewhere.assetId, header)).body).toMatchObject({ reason: "quote_for_something_else" });
    const other = await signV2(payer, await ask(elsewhere.assetId));
    expect((await extend(token, {}, other.header)).body).toMatchObject({ reason: "quote_for_something_else" });
    expect(await world.sessions(assetId)).toMatchObject([{ units: 1 }]);
  });

  it("is 410 for a session that is over, and 404 for a token nobody has", async () => {
    const { token, assetId } = await buy();
    const stop = { status: "stopped", ended_at: new Date() };
    await world.app.owner("access_sessions").where("asset_id", assetId).update(stop);
    expect((await extend(token)).body).toMatchObject({ code: "session_over" });
    expect((await extend(`sess_${"A".repeat(43)}`)).body).toMatchObject({ code: "session_not_found" });
  });

  it("makes money that arrives after the session's end the payer's balance", async () => {
    const { token, assetId } = await buy();
    const { header } = await signV2(payer, await extend(token));
    world.behaviour.settle = async (call) => {
      const stop = { status: "stopped", ended_at: new Date() };
      await world.app.owner("access_sessions").where("asset_id", assetId).update(stop);
      return world.honest.settle(call);
    };
    const late = await extend(token, {}, header);
    expect(late.body).toMatchObject({ code: "paid_but_unserved", balance: "0.1" });
  });

  it("refuses an amount below one unit, units beside an amount, and more than can be sold", async () => {
    const { token } = await buy();
    expect((await extend(token, { amount: "0.09" })).body).toMatchObject({ code: "invalid_units" });
    expect((await extend(token, { amount: "0.5", units: 5 })).body).toMatchObject({ code: "invalid_units" });
    expect((await extend(token, { units: 100_001 })).body).toMatchObject({ code: "invalid_request" });
    expect((await extend(token, { amount: "-1" })).body).toMatchObject({ code: "invalid_request" });
  });
});
