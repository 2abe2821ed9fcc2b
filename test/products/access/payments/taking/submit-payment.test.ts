import { afterAll, describe, expect, it } from "vitest";
import { evmMissing } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("writing a payment down", () => {
  let payer: Payer;
  let world: PaymentWorld;
  let rival: Payer;
  usePaymentWorld(async (used) => {
    ({ payer, world } = used);
    rival = await openEvmPayer(used.evm);
  });
  afterAll(() => rival?.close());

  const ask = (assetId: string, headers: Record<string, string> = {}, json: object = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json, headers });

  it("X19: of two buyers who pay at once one gets the asset, and the other's payment is never sent", async () => {
    const { assetId } = await world.sellAsset();
    const mine = await signV2(payer, await ask(assetId));
    const theirs = await signV2(rival, await ask(assetId));
    const replies = await Promise.all([ask(assetId, mine.header), ask(assetId, theirs.header)]);
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409]);
    const lost = replies.find(({ status }) => status === 409);
    expect(String(lost?.body.code)).toMatch(/^asset_(busy|occupied)$/);
    expect(world.calls.settle).toHaveLength(1);
    expect(await world.rows(assetId)).toHaveLength(1);
  });

  it("holds the asset while a payment for it is in doubt, and says so to the next", async () => {
    const { assetId } = await world.sellAsset();
    const mine = await signV2(payer, await ask(assetId));
    const theirs = await signV2(rival, await ask(assetId));
    world.behaviour.settle = async () => ({ kind: "unknown", transaction: null, detail: "timeout", raw: null });
    expect((await ask(assetId, mine.header)).status).toBe(202);
    const busy = await ask(assetId, theirs.header);
    expect(busy.body).toMatchObject({ code: "asset_busy" });
    expect(busy.headers.get("retry-after")).toBe("5");
  });

  it("takes one payment for a quote, however many are signed for it", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const [one, other] = [await signV2(payer, required), await signV2(payer, required)];
    world.behaviour.settle = async () => ({ kind: "unknown", transaction: null, detail: "timeout", raw: null });
    expect((await ask(assetId, one.header)).status).toBe(202);
    const second = await ask(assetId, other.header);
    expect(second.status).toBe(409);
    expect(String(second.body.code)).toMatch(/^(quote_already_paid|asset_busy)$/);
    expect(world.calls.settle).toHaveLength(1);
  });

  it("takes a client's key for one payment: with the same payment it gets the first answer, with another a conflict", async () => {
    const one = await world.sellAsset();
    const key = { "Idempotency-Key": "a-key-of-the-client-0001" };
    const first = await signV2(payer, await ask(one.assetId));
    const granted = await ask(one.assetId, { ...first.header, ...key });
    const { quote: _secret, ...extra } = Object(first.accepted.extra);
    const bare = await signV2(payer, await ask((await world.sellAsset()).assetId));
    const again = await ask(one.assetId, { ...headerOf(first, extra), ...key });
    expect(again.body).toMatchObject({ sessionToken: granted.body.sessionToken });
    const conflict = await ask(one.assetId, { ...bare.header, ...key });
    expect(conflict.body).toMatchObject({ code: "payment_key_reused" });
  });

  it("does not take a short key as proof of who paid", async () => {
    const { assetId } = await world.sellAsset();
    const first = await signV2(payer, await ask(assetId));
    await ask(assetId, { ...first.header, "Idempotency-Key": "1" });
    const { quote: _secret, ...extra } = Object(first.accepted.extra);
    const stranger = await ask(assetId, { ...headerOf(first, extra), "Idempotency-Key": "1" });
    expect(stranger.body).toMatchObject({ code: "payment_already_used" });
  });

  it("refuses an asset that went into maintenance after its quote, before anything is sent", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    await world.app.owner("assets").where("id", assetId).update({ in_maintenance: true });
    expect((await ask(assetId, header)).body).toMatchObject({ code: "asset_in_maintenance" });
    expect(world.calls).toEqual({ verify: [], settle: [] });
  });

  it("tells the next buyer of an occupied asset when it is free", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    const granted = await ask(assetId, header);
    const occupied = await ask(assetId);
    expect(occupied.status).toBe(409);
    expect(occupied.body).toMatchObject({ code: "asset_occupied", expiresAt: granted.body.expiresAt });
    expect(Number(occupied.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

function headerOf(signed: Awaited<ReturnType<typeof signV2>>, extra: object) {
  const { payload, accepted } = signed;
  const payment = { x402Version: 2, payload, accepted: { ...accepted, extra } };
  return { "PAYMENT-SIGNATURE": Buffer.from(JSON.stringify(payment), "utf8").toString("base64") };
}
