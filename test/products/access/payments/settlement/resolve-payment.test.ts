import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import type { FacilitatorCall } from "../../../../../src/integrations/x402/facilitator.ts";
import { readBalances } from "../../../../../src/ledger/balances.ts";
import { payerAccount } from "../../../../../src/products/access/fees/payer-balances.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import {
  recordFailed,
  recordSettled,
  recordUnknown,
} from "../../../../../src/products/access/payments/settlement/resolve-payment.ts";
import { readAccessRequest } from "../../../../../src/products/access/payments/taking/answer-outcome.ts";
import { requestAccess } from "../../../../../src/products/access/payments/taking/request-access.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("resolving a payment", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ evm, payer, world } = used);
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const age = (id: string) =>
    world.app.owner.raw("UPDATE access_payments SET created_at = created_at - interval '1 minute' WHERE id = ?", [id]);

  /** A payment in doubt whose tokens have moved. */
  const inDoubt = async (assetId: string) => {
    const { header } = await signV2(payer, await ask(assetId));
    let transaction = "";
    world.behaviour.settle = async (call) => {
      transaction = await world.broadcast(call);
      return { kind: "unknown", transaction: null, detail: "timeout", raw: null };
    };
    const pending = await ask(assetId, header);
    world.reset();
    return { header, transaction, paymentId: String(pending.body.paymentId) };
  };

  it("settles once when ten processes find it at once, with one session and one entry in the books", async () => {
    const { assetId } = await world.sellAsset();
    const { paymentId, transaction } = await inDoubt(assetId);
    const settlement = { paymentId, transaction, raw: null };
    const settled = await Promise.all(Array.from({ length: 10 }, () => recordSettled(world.needs, settlement)));
    expect(new Set(settled.map(({ status, sessionId }) => `${status} ${sessionId}`)).size).toBe(1);
    expect(await world.sessions(assetId)).toHaveLength(1);
    const log = world.app.owner("access_payment_log").where({ payment_id: paymentId, event: "settled" });
    expect(await log).toHaveLength(1);
  });

  it("leaves nothing half done when it dies in the middle, at whichever step, and is done by the next try", async () => {
    const { assetId } = await world.sellAsset();
    const { paymentId, transaction } = await inDoubt(assetId);
    const settlement = { paymentId, transaction, raw: null };
    const dies = async () => {
      throw new Error("killed");
    };
    const { ledger, receiptKey } = world.needs;
    for (const broken of [
      { ...world.needs, receiptKey: { ...receiptKey, sign: dies } },
      { ...world.needs, ledger: { ...ledger, postIn: dies } },
    ]) {
      await expect(recordSettled(broken, settlement)).rejects.toThrow("killed");
      expect(await world.rows(assetId)).toMatchObject([{ status: "unknown", session_id: null, receipt: null }]);
      expect(await world.sessions(assetId)).toHaveLength(0);
    }
    expect(await recordSettled(world.needs, settlement)).toMatchObject({ status: "settled" });
  });

  it("is resumed from the chain when the request dies before or after the facilitator did what it was asked", async () => {
    for (const step of ["before", "after"] as const) {
      const { assetId } = await world.sellAsset();
      const { header } = await signV2(payer, await ask(assetId));
      const asked = readAccessRequest(lowerCase(header), { wanted: {}, idempotencyKey: undefined });
      let isReached = false;
      // A process that dies hears nothing more, so it writes down neither the outcome nor a doubt.
      const settle = async (call: FacilitatorCall) => {
        if (step === "after") await world.broadcast(call);
        isReached = true;
        return new Promise<never>(() => undefined);
      };
      const facilitators = { ...world.needs.facilitators, named: () => ({ ...world.facilitator, settle }) };
      void requestAccess({ ...world.needs, facilitators }, { ...asked, assetId });
      await expect.poll(() => isReached).toBe(true);
      const [row] = await world.rows(assetId);
      expect(row).toMatchObject({ status: "submitted" });
      await age(row.id);
      expect(await reconcilePayment(world.needs, { paymentId: row.id })).toMatchObject({ status: "settled" });
      expect((await ask(assetId, header)).body).toMatchObject({ status: "granted", paymentId: row.id });
      expect(await world.sessions(assetId)).toHaveLength(1);
    }
  });

  it("makes money that bought nothing the payer's balance, and says so plainly", async () => {
    const { assetId, merchantId } = await world.sellAsset();
    const { paymentId, transaction, header } = await inDoubt(assetId);
    await recordFailed(world.needs, { paymentId, code: "payment_expired", detail: "gone", raw: null });
    const winner = await openEvmPayer(evm);
    expect((await ask(assetId, (await signV2(winner, await ask(assetId))).header)).status).toBe(200);
    winner.close();
    const late = await recordSettled(world.needs, { paymentId, transaction, raw: null });
    expect(late.status).toBe("unserved");
    const account = payerAccount({ merchantId, kind: "evm", address: payer.address, mode: "direct" });
    const balances = await readBalances(world.app.database, [account]);
    expect(balances.get(account)?.available).toBe(100_000_000n);
    const told = await ask(assetId, header);
    expect(told.status).toBe(409);
    expect(told.body).toMatchObject({ code: "paid_but_unserved", balance: "0.1", transaction });
    expect(await recordSettled(world.needs, { paymentId, transaction, raw: null })).toMatchObject({
      status: "unserved",
    });
  });

  it("counts one transaction for one payment where it is all that proves it, as on Solana", async () => {
    const one = await world.sellAsset();
    const other = await world.sellAsset();
    const first = await inDoubt(one.assetId);
    const second = await inDoubt(other.assetId);
    await world.app
      .owner("access_payments")
      .whereIn("id", [first.paymentId, second.paymentId])
      .update({ network: "solana:local" });
    await recordSettled(world.needs, { paymentId: first.paymentId, transaction: first.transaction, raw: null });
    const claimed = { paymentId: second.paymentId, transaction: first.transaction, raw: null };
    const refused = await recordSettled(world.needs, claimed);
    expect(refused).toMatchObject({ status: "failed", failureCode: "transaction_already_used" });
    expect(await world.sessions(other.assetId)).toHaveLength(0);
  });

  it("never undoes an end by a doubt or a failure that comes later", async () => {
    const { assetId } = await world.sellAsset();
    const { paymentId, transaction } = await inDoubt(assetId);
    await recordSettled(world.needs, { paymentId, transaction, raw: null });
    const failed = await recordFailed(world.needs, { paymentId, code: "late", detail: "late", raw: null });
    const doubted = await recordUnknown(world.needs, { paymentId, transaction: null, detail: "late", raw: null });
    expect([failed.status, doubted.status]).toEqual(["settled", "settled"]);
  });
});

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
