import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { openHttpFacilitator } from "../../../../../src/integrations/x402/http-facilitator.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { evmMissing, startTestEvm } from "../../../../support/evm.ts";
import { type PayaiFault, startTestPayai, type TestPayai } from "../../../../support/payai.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { type Payer, type PaymentWorld, signV2, startPaymentWorld } from "../payment-world.ts";

/** Far below any time-out of a payer's; what is waited for in these tests is an end, never a pause. */
const OUR_PATIENCE = { verify: 400, settle: 400 };
const HTML = "<!doctype html><title>502 Bad Gateway</title>";
const answer = (body: string, status = 200): PayaiFault => ({ kind: "answer", status, body });
const faults: readonly (readonly [string, PayaiFault])[] = [
  ["drips its answer, a byte at a time and for ever", { kind: "drip" }],
  ["answers headers and never a body", { kind: "headers_only" }],
  ["answers a body larger than we read", answer(`{"success":true,"isValid":true,"payer":"${"x".repeat(80_000)}"}`)],
  ["answers 200 with HTML", answer(HTML)],
  ["redirects", { ...{ kind: "answer", status: 307, body: "" }, headers: { location: "/elsewhere" } }],
  ["cuts the connection", { kind: "cut" }],
];

describe.skipIf(evmMissing)("a payment whose facilitator", () => {
  let evm: EvmPart;
  let world: PaymentWorld;
  let payer: Payer;
  let payai: TestPayai;

  beforeAll(async () => {
    [evm, payai] = await Promise.all([startTestEvm(), startTestPayai()]);
    world = await startPaymentWorld(evm);
    payer = await openEvmPayer(evm);
  });
  afterEach(() => {
    world.reset();
    payai.fail("/verify", null);
    payai.fail("/settle", null);
  });
  afterAll(async () => {
    payer?.close();
    await world?.close();
    await payai?.stop();
    await evm?.stop();
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const client = () => openHttpFacilitator({}, { name: "stub", url: payai.url, timeouts: OUR_PATIENCE });
  const asked = () => payai.calls.map(({ path }) => path);
  const look = async (assetId: string) => {
    await world.app
      .owner("access_payments")
      .where("asset_id", assetId)
      .update({ created_at: world.app.owner.raw("created_at - interval '1 minute'") });
    const [row] = await world.rows(assetId);
    return reconcilePayment(world.needs, { paymentId: row.id });
  };

  it.each(faults)(
    "X07: %s when it is to check is told 503, holds nothing, and counts when it is sent again",
    async (_name, fault) => {
      const { assetId } = await world.sellAsset();
      const { header } = await signV2(payer, await ask(assetId));
      payai.fail("/verify", fault);
      world.behaviour.verify = (call) => client().verify(call);
      const refused = await ask(assetId, header);
      expect(refused).toMatchObject({ status: 503, body: { code: "facilitator_unavailable" } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await world.rows(assetId)).toEqual([]);
      expect(world.calls.settle).toEqual([]);
      world.reset();
      expect((await ask(assetId, header)).status).toBe(200);
      expect(asked()).not.toContain("/elsewhere");
    },
  );

  it.each(faults)(
    "X07: %s after it settled is told 202 and where to look, and is granted what it paid once",
    async (_name, fault) => {
      const { assetId } = await world.sellAsset();
      const { header } = await signV2(payer, await ask(assetId));
      payai.fail("/settle", fault);
      world.behaviour.settle = async (call) => {
        await world.broadcast(call);
        return client().settle(call);
      };
      const pending = await ask(assetId, header);
      expect(pending).toMatchObject({ status: 202, body: { status: "pending" } });
      expect(pending.headers.get("location")).toBe(pending.body.statusUrl);
      expect((await ask(assetId, header)).status).toBe(202);
      expect(await look(assetId)).toMatchObject({ status: "settled" });
      const status = await world.app.call(new URL(String(pending.body.statusUrl)).pathname);
      const granted = await ask(assetId, header);
      expect(granted.status).toBe(200);
      expect(status.body).toMatchObject({ status: "granted", sessionToken: granted.body.sessionToken });
      expect(world.calls.settle).toHaveLength(1);
      expect(await world.sessions(assetId)).toHaveLength(1);
      expect(asked()).not.toContain("/elsewhere");
    },
  );

  it.each(faults)(
    "X07: %s and never settled is told 202, not a fresh 402, and frees the asset once it cannot land",
    async (_name, fault) => {
      const { assetId } = await world.sellAsset();
      const { header, payload } = await signV2(payer, await ask(assetId));
      payai.fail("/settle", fault);
      world.behaviour.settle = (call) => client().settle(call);
      expect((await ask(assetId, header)).status).toBe(202);
      expect((await ask(assetId, header)).status).toBe(202);
      await payer.cancel(payload);
      expect(await look(assetId)).toMatchObject({ status: "failed" });
      expect(await world.sessions(assetId)).toEqual([]);
      world.reset();
      expect((await ask(assetId, (await signV2(payer, await ask(assetId))).header)).status).toBe(200);
    },
  );
});
