import { createHash } from "node:crypto";
import { Keypair, VersionedTransaction } from "@solana/web3.js";
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setTokens } from "../../../../../sandbox/parts/surfnet.ts";
import { findPaymentsInDoubt } from "../../../../../src/products/access/payments/doubt/doubt-store.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { type EvmPayload, openSolanaPayer } from "../../../../support/signed-transfers.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../../support/solana.ts";
import type { Payer } from "../payment-world.ts";
import { type DoubtWorld, EVM, PRICE_UNITS, SILENT, SOLANA, startDoubtWorld } from "./doubt-world.ts";
import { useDoubtWorld } from "./use-doubt-world.ts";

type World = Awaited<ReturnType<typeof startDoubtWorld>>;
const look = (world: World, paymentId: string) => reconcilePayment(world.needs, { paymentId });

describe.skipIf(evmMissing)("a payment in doubt on EVM", () => {
  let payer: Payer;
  let world: DoubtWorld;
  const merchant = Wallet.createRandom().address;
  useDoubtWorld((used) => {
    ({ payer, world } = used);
  });
  afterEach(() => {
    world.facilitator.settle = async () => SILENT;
    world.facilitator.calls.length = 0;
  });

  const submit = async (payload: EvmPayload, change: { readonly quotedAt?: Date } = {}) => {
    const { from, nonce } = payload.authorization;
    const key = `${from}:${nonce}`.toLowerCase();
    const facts = { network: EVM, payTo: merchant, payer: from, payloadKey: key, payload: { ...payload } };
    const payment = await world.submit({ ...facts, ...change });
    await world.age(payment.id, 20);
    return payment;
  };

  it("is settled by its nonce when its taker was killed between broadcast and commit, once, however often it is looked at", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const transaction = await payer.submit(payload);
    const payment = await submit(payload);
    const reviews = await Promise.all([1, 2, 3].map(() => look(world, payment.id)));
    expect(reviews.every(({ next, status }) => next === "done" && status === "settled")).toBe(true);
    expect(await world.payment(payment.id)).toMatchObject({ status: "settled", transaction });
    expect(await world.app.owner("access_sessions").where("asset_id", payment.assetId)).toHaveLength(1);
    expect((await world.log(payment.id)).map(({ event }) => event)).toEqual(["settled"]);
    expect(world.facilitator.calls).toEqual([]);
  });

  it("is asked for again with the identical payload while it can land, and settled by what the chain says then", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const payment = await submit(payload);
    world.facilitator.settle = async () => ({
      ...{ kind: "settled", transaction: await payer.submit(payload), payer: null, raw: { success: true } },
    });
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "settled", lookAgainAt: null });
    expect(world.facilitator.calls).toMatchObject([{ x402Version: 2, paymentPayload: { payload } }]);
    expect((await world.log(payment.id)).map(({ event }) => event)).toEqual(["asked_again", "settled"]);
  });

  it("X06: stays unknown whatever the facilitator says, until the chain says it", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const foreign = await payer.submit(await payer.sign({ to: merchant, units: PRICE_UNITS }));
    const payment = await submit(payload);
    const raw = { lie: true };
    world.facilitator.settle = async () => ({ kind: "settled", transaction: foreign, payer: null, raw });
    expect(await look(world, payment.id)).toMatchObject({ next: "wait", status: "unknown" });
    world.facilitator.settle = async () => ({ kind: "failed", code: "gone", reason: "gone", detail: "never", raw });
    expect((await look(world, payment.id)).details).toContain("not believed before the chain says so");
    const transaction = await payer.submit(payload);
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "settled" });
    expect(await world.payment(payment.id)).toMatchObject({ transaction });
  });

  it("X09: failed for good when its payer took the authorization back", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const payment = await submit(payload);
    await payer.cancel(payload);
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "failed" });
    expect(await world.payment(payment.id)).toMatchObject({ failureCode: "authorization_canceled", transaction: null });
    expect(world.facilitator.calls).toEqual([]);
  });

  it("failed once the chain's own time is past its validity, and its facilitator is asked no more", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS, validBefore: 1n });
    const payment = await submit(payload);
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "failed" });
    expect(await world.payment(payment.id)).toMatchObject({ failureCode: "payment_expired" });
    expect(world.facilitator.calls).toEqual([]);
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "failed" });
  });

  it("X06: failed when what landed is older than its quote", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    await payer.submit(payload);
    const payment = await submit(payload, { quotedAt: new Date(Date.now() + 3_600_000) });
    expect(await look(world, payment.id)).toMatchObject({ status: "failed" });
    expect(await world.payment(payment.id)).toMatchObject({ failureCode: "settlement_older" });
  });

  it("C23: waits with growing pauses while the chain stands still, and is settled when it goes on", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const payment = await submit(payload);
    const pauseOf = async () => Date.parse((await look(world, payment.id)).lookAgainAt ?? "") - Date.now();
    const first = await pauseOf();
    await world.age(payment.id, 8 * 3_600);
    const later = await pauseOf();
    expect(first).toBeLessThan(10_000);
    expect(later).toBeGreaterThan(200_000);
    expect(later).toBeLessThanOrEqual(300_000);
    await payer.submit(payload);
    expect(await look(world, payment.id)).toMatchObject({ status: "settled" });
  });

  it("is left alone while its taker is asking, and followed by a workflow when nobody is any more", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const { from, nonce } = payload.authorization;
    const facts = { network: EVM, payTo: merchant, payer: from, payloadKey: `${from}:${nonce}`.toLowerCase() };
    const payment = await world.submit({ ...facts, payload: { ...payload } });
    const review = await look(world, payment.id);
    expect(review).toMatchObject({ next: "wait", status: "submitted" });
    expect(world.facilitator.calls).toEqual([]);
    expect(await findPaymentsInDoubt(world.app.database)).not.toContain(`access-payment/${payment.id}`);
    await world.age(payment.id, 20);
    expect(await findPaymentsInDoubt(world.app.database)).toContain(`access-payment/${payment.id}`);
    await look(world, payment.id);
    expect(await findPaymentsInDoubt(world.app.database)).not.toContain(`access-payment/${payment.id}`);
  });

  it("PAY2: is settled by the transaction that was named, and failed when that one paid somebody else", async () => {
    const paid = await payer.pay({ to: merchant, units: PRICE_UNITS });
    const facts = { network: EVM, payTo: merchant, payer: payer.address, payload: null };
    const good = await world.submit({ ...facts, payloadKey: paid, transaction: paid });
    const astray = await payer.pay({ to: Wallet.createRandom().address, units: PRICE_UNITS });
    const bad = await world.submit({ ...facts, payloadKey: astray, transaction: astray });
    const missing = `0x${"cd".repeat(32)}`;
    const never = await world.submit({ ...facts, payloadKey: missing, transaction: missing });
    for (const { id } of [good, bad, never]) await world.age(id, 20);
    expect(await look(world, good.id)).toMatchObject({ status: "settled" });
    expect(await look(world, bad.id)).toMatchObject({ status: "failed" });
    expect(await look(world, never.id)).toMatchObject({ status: "unknown", next: "wait" });
    await world.age(never.id, 7_200);
    expect(await look(world, never.id)).toMatchObject({ status: "failed" });
    expect(world.facilitator.calls).toEqual([]);
  });

  it("needs people when neither chain nor facilitator answers for a quarter of an hour", async () => {
    const alone = await startDoubtWorld({});
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const { from, nonce } = payload.authorization;
    const facts = { network: EVM, payTo: merchant, payer: from, payloadKey: `${from}:${nonce}`.toLowerCase() };
    const payment = await alone.submit({ ...facts, payload: { ...payload } });
    await alone.age(payment.id, 20);
    expect(await look(alone, payment.id)).toMatchObject({ status: "unknown", next: "wait" });
    await alone.age(payment.id, 1_000);
    await expect(look(alone, payment.id)).rejects.toMatchObject({ code: "payment_in_doubt" });
    await alone.close();
    await expect(look(world, "apy_none")).rejects.toMatchObject({ code: "payment_not_found" });
  });
});

describe.skipIf(solanaMissing)("a payment in doubt on Solana", () => {
  let solana: TestSolana;
  let payer: Awaited<ReturnType<typeof openSolanaPayer>>;
  let world: World;
  const merchant = Keypair.generate().publicKey.toBase58();

  beforeAll(async () => {
    solana = await startTestSolana();
    payer = await openSolanaPayer(solana.rpc);
    await setTokens(solana.rpc, { owner: merchant, units: 0n });
    world = await startDoubtWorld({ solanaRpc: solana.rpc });
  });
  afterAll(async () => {
    await world?.close();
    solana?.stop();
  });

  const submit = async (transaction: string) => {
    const message = VersionedTransaction.deserialize(Buffer.from(transaction, "base64")).message.serialize();
    const payloadKey = createHash("sha256").update(message).digest("hex");
    const facts = { network: SOLANA, payTo: merchant, payer: payer.address, payloadKey, payload: { transaction } };
    const payment = await world.submit(facts);
    await world.age(payment.id, 20);
    return payment;
  };

  it("is settled by its message when its taker was killed between broadcast and commit", async () => {
    const signed = await payer.sign({ to: merchant, units: PRICE_UNITS, memo: "qte_1" });
    const transaction = await payer.submit(signed);
    const payment = await submit(signed);
    expect(await look(world, payment.id)).toMatchObject({ next: "done", status: "settled" });
    expect(await world.payment(payment.id)).toMatchObject({ transaction });
  });

  it("failed when its transaction is on the chain and failed", async () => {
    const signed = await payer.sign({ to: merchant, units: 10n ** 15n, memo: "qte_2" });
    await payer.submit(signed);
    const payment = await submit(signed);
    expect(await look(world, payment.id)).toMatchObject({ status: "failed" });
    expect(await world.payment(payment.id)).toMatchObject({ failureCode: "transaction_failed" });
  });

  it("X13: stays unknown while its blockhash may be alive, and failed once no block can have it any more", async () => {
    const signed = await payer.sign({ to: merchant, units: PRICE_UNITS, memo: "qte_3", blockhash: merchant });
    const payment = await submit(signed);
    expect(await look(world, payment.id)).toMatchObject({ next: "wait", status: "unknown" });
    await world.age(payment.id, 3_600);
    await expect.poll(async () => (await look(world, payment.id)).status).toBe("failed");
    expect(await world.payment(payment.id)).toMatchObject({ failureCode: "payment_expired" });
  });
});
