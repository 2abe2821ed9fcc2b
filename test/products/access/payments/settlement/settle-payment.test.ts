import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("settling a payment", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ evm, payer, world } = used);
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const look = async (assetId: string) => {
    const [row] = await world.rows(assetId);
    await world.app.owner.raw("UPDATE access_payments SET created_at = created_at - interval '1 minute' WHERE id = ?", [
      row.id,
    ]);
    return reconcilePayment(world.needs, { paymentId: row.id });
  };

  it("X04: that fails after it was found valid delivers nothing, says why, and leaves quote and asset free to be paid", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { header } = await signV2(payer, required);
    world.behaviour.settle = async () => ({
      ...{ kind: "failed", code: "insufficient_funds", reason: "insufficient_funds", detail: "Drained.", raw: {} },
    });
    const failed = await ask(assetId, header);
    expect(failed.status).toBe(402);
    expect(failed.body).toMatchObject({ reason: "insufficient_funds", quoteId: required.body.quoteId });
    expect(await world.sessions(assetId)).toHaveLength(0);
    world.reset();
    const { header: other } = await signV2(payer, required);
    expect((await ask(assetId, other)).status).toBe(200);
    expect((await world.rows(assetId)).map(({ status }) => status)).toEqual(["failed", "settled"]);
  });

  it("X04: said to have failed though the tokens moved, is settled by what the chain says", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    world.behaviour.settle = async (call) => {
      await world.broadcast(call);
      return { kind: "failed", code: "unexpected", reason: "unexpected_settle_error", detail: "Sorry.", raw: {} };
    };
    expect((await ask(assetId, header)).status).toBe(200);
  });

  it("X09: whose payer empties its wallet after it was found valid delivers nothing, and frees the asset once it is taken back", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const poor = await openEvmPayer(evm);
    const { header, payload } = await signV2(poor, await ask(assetId));
    world.behaviour.settle = async () => {
      await poor.pay({ to: payer.address, units: 10n ** 12n });
      return { kind: "unknown", transaction: null, detail: "simulation_failed", raw: null };
    };
    expect((await ask(assetId, header)).status).toBe(202);
    expect((await ask(assetId, (await signV2(payer, await ask(assetId))).header)).status).toBe(409);
    await poor.cancel(payload);
    expect(await look(assetId)).toMatchObject({ status: "failed" });
    poor.close();
    expect(await world.sessions(assetId)).toHaveLength(0);
    world.reset();
    expect((await ask(assetId, (await signV2(payer, await ask(assetId))).header)).status).toBe(200);
    const gained = (await world.rows(assetId)).filter(
      ({ status, pay_to }) => status === "settled" && pay_to === wallet,
    );
    expect(gained).toMatchObject([{ payer: payer.address }]);
  });

  it("X06: said to be settled by somebody else's transaction is not believed, and never becomes a fresh 402", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const foreign = await payer.submit(await payer.sign({ to: wallet, units: 100_000n }));
    const { header } = await signV2(payer, await ask(assetId));
    world.behaviour.settle = async () => ({ kind: "settled", transaction: foreign, payer: null, raw: { lie: true } });
    const reply = await ask(assetId, header);
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ status: "pending" });
    expect(reply.headers.get("retry-after")).toBe("2");
    expect(await world.sessions(assetId)).toHaveLength(0);
    expect((await ask(assetId, header)).status).toBe(202);
    expect((await ask(assetId)).status).toBe(402);
    const log = world.app.owner("access_payment_log").where({ asset_id: assetId, event: "unknown" });
    expect(await log.pluck("code")).toEqual(["settlement_foreign"]);
  });

  it("X06: said to be settled by a transaction that is on no chain waits for the chain, and is granted once it is there", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    const nowhere = `0x${"ab".repeat(32)}`;
    world.behaviour.settle = async () => ({ kind: "settled", transaction: nowhere, payer: null, raw: {} });
    const pending = await ask(assetId, header);
    expect(pending.status).toBe(202);
    world.reset();
    expect(await look(assetId)).toMatchObject({ status: "settled" });
    const status = await world.app.call(new URL(String(pending.body.statusUrl)).pathname);
    expect(status.body).toMatchObject({ status: "granted", paymentId: pending.body.paymentId });
    const again = await ask(assetId, header);
    expect(again.body).toMatchObject({ status: "granted", sessionToken: status.body.sessionToken });
  });

  it("whose answer was lost after the broadcast is pending, and the same payment shown again is granted without a second transfer", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    world.behaviour.settle = async (call) => {
      await world.broadcast(call);
      throw new Error("the connection broke");
    };
    expect((await ask(assetId, header)).status).toBe(202);
    expect(await look(assetId)).toMatchObject({ status: "settled" });
    expect((await ask(assetId, header)).status).toBe(200);
    expect(world.calls.settle).toHaveLength(1);
  });

  it("that never reached a facilitator is 503, keeps nothing under way, and the same payment works later", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(payer, await ask(assetId));
    world.behaviour.settle = async () => ({ kind: "not_sent", detail: "refused", retryAfterSeconds: 7, raw: null });
    const refused = await ask(assetId, header);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("7");
    world.reset();
    expect((await ask(assetId, header)).status).toBe(200);
    expect(await world.rows(assetId)).toHaveLength(1);
  });
});
