import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { accessSold } from "../../../../../src/ledger/postings/access.ts";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../../support/evm.ts";
import {
  encode,
  headerV2,
  offersOf,
  type Payer,
  type PaymentWorld,
  signIn,
  signV2,
  startPaymentWorld,
} from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("a signed payment", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ evm, payer, world } = used);
  });

  const ask = (assetId: string, json: object = {}, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json, headers });

  it("becomes a session, a settled row, a sale in the books, a receipt and word to the merchant", async () => {
    const { assetId, merchantId } = await world.sellAsset();
    const required = await ask(assetId, { units: 10 });
    expect(required.status).toBe(402);
    expect(required.body).toMatchObject({ units: 10, price: "0.10", total: "1.00", reason: "payment_required" });
    const { header } = await signV2(payer, required);
    const granted = await ask(assetId, { units: 10 }, header);
    expect(granted.body).toMatchObject({ status: "granted", minutesPurchased: 10, units: 10, unit: "minute", assetId });
    expect(granted.headers.get("payment-response")).not.toBeNull();
    expect(granted.body.websocketUrl).toBe(`wss://shop.example/?token=${granted.body.sessionToken}`);
    const [row] = await world.rows(assetId);
    expect(row).toMatchObject({ status: "settled", amount_units: "1000000", fee_units: "20000", payer: payer.address });
    expect(row.receipt).toBe(granted.body.receipt);
    const log = world.app.owner("access_payment_log").where("payment_id", row.id).orderBy("number");
    expect(await log.pluck("event")).toEqual(["submitted", "settled"]);
    const told = await world.app.owner("access_events").where("merchant_id", merchantId).pluck("type");
    expect(told).toEqual(["session.started", "payment.settled"]);
    const posted = await world.app.context.ledger.post(soldAgain(merchantId, row.id));
    expect(posted.replayed).toBe(true);
  });

  it("X02: shown again by who knows the quote's secret gets the first answer and settles nothing", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    const first = await ask(assetId, {}, header);
    const again = await ask(assetId, {}, header);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ sessionToken: first.body.sessionToken, paymentId: first.body.paymentId });
    expect(world.calls.settle).toHaveLength(1);
    expect(await world.sessions(assetId)).toHaveLength(1);
  });

  it("X02: shown again by a stranger, who has it from the chain, gets no token", async () => {
    const { assetId } = await world.sellAsset();
    const { payload, accepted, header } = await signV2(payer, await ask(assetId));
    await ask(assetId, {}, header);
    const { quote: _secret, ...extra } = Object(accepted.extra);
    const stranger = await ask(assetId, {}, headerV2({ payload, accepted: { ...accepted, extra } }));
    expect(stranger.status).toBe(409);
    expect(stranger.body).toMatchObject({ code: "payment_already_used" });
    const guess = { ...extra, quote: `${Object(extra).memo ?? "qte_0"}.${"A".repeat(43)}` };
    const guessing = await ask(assetId, {}, headerV2({ payload, accepted: { ...accepted, extra: guess } }));
    expect(guessing.body).toMatchObject({ code: "payment_already_used" });
    expect(JSON.stringify([stranger.body, guessing.body])).not.toContain("sess_");
  });

  it("is answered again to the wallet that signs in", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { payload, accepted, header } = await signV2(payer, required);
    const first = await ask(assetId, {}, header);
    const { quote: _secret, ...extra } = Object(accepted.extra);
    const bare = headerV2({ payload, accepted: { ...accepted, extra } });
    const again = await ask(assetId, {}, { ...bare, ...(await signIn(payer, required)) });
    expect(again.body).toMatchObject({ sessionToken: first.body.sessionToken });
  });

  it("X02: shown in ten parallel requests settles once, opens one session, and all ten get the same grant", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask(assetId, {}, header)));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(replies.map(({ body }) => body.sessionToken)).size).toBe(1);
    expect(world.calls.settle).toHaveLength(1);
    expect(await world.sessions(assetId)).toHaveLength(1);
  });

  it("X02: shown again after 121 seconds, an hour and a restart settles nothing, wherever it is shown", async () => {
    const { assetId, merchantId } = await world.sellAsset();
    const other = await world.sellAsset({ merchantId });
    const { header } = await signV2(payer, await ask(assetId));
    const first = await ask(assetId, {}, header);
    const restarted = await startPaymentWorld(evm, {
      DATABASE_URL: String(world.app.database.client.config.connection.connectionString),
    });
    try {
      for (const seconds of [0, 121, 3_600]) {
        restarted.app.clock.offsetMs = seconds * 1_000;
        const again = await restarted.app.call(`/api/v1/access/${assetId}`, { json: {}, headers: header });
        expect(again.body).toMatchObject({ paymentId: first.body.paymentId, sessionToken: first.body.sessionToken });
        const elsewhere = await restarted.app.call(`/api/v1/access/${other.assetId}`, { json: {}, headers: header });
        expect(elsewhere.body).toMatchObject({ code: "payment_already_used" });
      }
      expect(restarted.calls).toEqual({ verify: [], settle: [] });
      expect(await world.sessions(other.assetId)).toHaveLength(0);
    } finally {
      await restarted.close();
    }
  });

  it("X03: with path, query, method or body swapped buys nothing else", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId, { units: 1 }));
    const swapped = [
      await ask(assetId, { units: 2 }, header),
      await ask(assetId, { amount: "0.20" }, header),
      await world.app.call(`/api/v1/access/${assetId}`, { method: "GET", headers: header }),
      await world.app.call(`/api/v1/access/${assetId}?units=5`, { json: {}, headers: header }),
      await world.app.call(`/api/v1/access/sessions/sess_${"a".repeat(48)}/extend`, { json: {}, headers: header }),
    ];
    const told = swapped.map(({ status, body }) => `${status} ${String(body.reason ?? body.code ?? body.units)}`);
    expect(told).toEqual(["402 units_mismatch", "200 1", "405 method_not_allowed", "200 1", "404 session_not_found"]);
    expect(await world.sessions(assetId)).toMatchObject([{ units: 1 }]);
  });

  it("X03: quoted for one asset buys nothing of another at the same price, before or after it was used", async () => {
    const one = await world.sellAsset();
    const other = await world.sellAsset({ merchantId: one.merchantId });
    const { header } = await signV2(payer, await ask(one.assetId));
    const elsewhere = await ask(other.assetId, {}, header);
    expect(elsewhere.status).toBe(402);
    expect(elsewhere.body).toMatchObject({ reason: "quote_for_something_else" });
    expect((await ask(one.assetId, {}, header)).status).toBe(200);
    expect((await ask(other.assetId, {}, header)).body).toMatchObject({ code: "payment_already_used" });
    expect(await world.sessions(other.assetId)).toHaveLength(0);
  });

  it("X12: for less, for more or to another wallet than quoted is refused before any facilitator is asked", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { first: accepted } = offersOf(required);
    for (const [to, units] of [
      [accepted.payTo, 99_999n],
      [accepted.payTo, 100_001n],
      [payer.address, 100_000n],
    ] as const) {
      const validBefore = BigInt(Math.floor(Date.now() / 1000) + 60);
      const payload = await payer.sign({ to, units, validBefore });
      const reply = await ask(assetId, {}, headerV2({ payload, accepted }));
      expect(reply.status).toBe(402);
      expect(reply.body).toMatchObject({ quoteId: required.body.quoteId });
      expect(String(reply.body.reason)).toMatch(/payment_(amount|recipient)_mismatch/);
      expect(reply.headers.get("payment-response")).not.toBeNull();
    }
    expect(world.calls).toEqual({ verify: [], settle: [] });
  });

  it("that the facilitator finds invalid is answered 402 with its reason and the same quote, and can be paid after", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { header } = await signV2(payer, required);
    world.behaviour.verify = async () => ({
      ...{ kind: "invalid", code: "insufficient_funds", reason: "insufficient_funds", detail: "Too little.", raw: {} },
    });
    const refused = await ask(assetId, {}, header);
    expect(refused.body).toMatchObject({ reason: "insufficient_funds", quoteId: required.body.quoteId, total: "0.10" });
    expect(await world.rows(assetId)).toHaveLength(0);
    world.reset();
    expect((await ask(assetId, {}, header)).status).toBe(200);
  });

  it("X07: checked for so long that its payer may be gone by the time it is settled moves nothing, and counts when sent again", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    world.behaviour.verify = (call) => {
      world.app.clock.offsetMs += 16_000;
      return world.honest.verify(call);
    };
    expect(await ask(assetId, {}, header)).toMatchObject({ status: 503, body: { code: "facilitator_unavailable" } });
    expect(world.calls.settle).toEqual([]);
    expect(await world.rows(assetId)).toEqual([]);
    world.behaviour.verify = world.honest.verify;
    expect(await ask(assetId, {}, header)).toMatchObject({ status: 200, body: { status: "granted" } });
    world.app.clock.offsetMs = 0;
  });

  it("with a signature that is not the payer's is left to the facilitator, writes nothing down and holds nothing", async () => {
    const { assetId } = await world.sellAsset();
    const { payload, accepted } = await signV2(payer, await ask(assetId));
    const forged = { ...payload, signature: `0x${"11".repeat(64)}1b` };
    world.behaviour.verify = async () => ({
      kind: "invalid",
      ...{ code: "signature_invalid", detail: "Not the payer's.", reason: "invalid_exact_evm_signature", raw: {} },
    });
    const refused = await ask(assetId, {}, headerV2({ payload: forged, accepted }));
    expect(refused).toMatchObject({ status: 402, body: { reason: "signature_invalid" } });
    expect(await world.rows(assetId)).toEqual([]);
    expect(world.calls.settle).toEqual([]);
    world.reset();
    expect((await ask(assetId, {}, headerV2({ payload, accepted }))).status).toBe(200);
  });

  it("X17: no answer to it may be kept by a cache", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    expect(required.headers.get("cache-control")).toContain("no-store");
    const { header } = await signV2(payer, required);
    const granted = await ask(assetId, {}, header);
    expect(granted.headers.get("cache-control")).toBe("private, no-store");
  });

  it("on a network that is not taken, or in two headers at once, is a precise 400", async () => {
    const { assetId } = await world.sellAsset();
    const { payload, accepted, header } = await signV2(payer, await ask(assetId));
    const elsewhere = headerV2({ payload, accepted: { ...accepted, network: "eip155:1" } });
    expect((await ask(assetId, {}, elsewhere)).body).toMatchObject({ code: "payment_payload_invalid" });
    const twice = { ...header, "X-PAYMENT": encode({ x402Version: 1 }) };
    expect((await ask(assetId, {}, twice)).body).toMatchObject({ code: "several_payment_headers" });
  });
});

/** The very posting a sale of one dollar at two percent is; under its key nothing else can be posted. */
function soldAgain(merchantId: string, paymentId: string) {
  const draft = accessSold({
    ...{ paymentId, merchantId, mode: "direct", network: "local", token: "USDC" },
    ...{ gross: nanodollars(1_000_000_000n), fee: nanodollars(20_000_000n) },
  });
  if (draft === null) throw new Error("a sale with a fee is posted");
  return draft;
}
