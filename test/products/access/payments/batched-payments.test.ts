import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import type { FacilitatorCall } from "../../../../src/integrations/x402/facilitator.ts";
import { finalitySeconds } from "../../../../src/products/access/payments/doubt/recheck-payment.ts";
import { reconcilePayment } from "../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import type { Reply } from "../../../support/app.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type EvmPayload, openEvmPayer } from "../../../support/signed-transfers.ts";
import { encode, type Payer, type PaymentWorld, signV2 } from "./payment-world.ts";
import { usePaymentWorld } from "./use-payment-world.ts";

const PRICE = 100_000n;
const Row = z.object({ id: z.string(), status: z.string(), transaction: z.string().nullable(), dialect: z.string() });

describe.skipIf(evmMissing)("signed payments that share an EVM transaction", () => {
  let evm: EvmPart;
  let world: PaymentWorld;
  let ann: Payer;
  let bob: Payer;
  let relayer: Payer;
  usePaymentWorld(async (used) => {
    ({ evm, world, payer: ann } = used);
    [bob, relayer] = [await openEvmPayer(evm), await openEvmPayer(evm)];
  });
  afterAll(() => {
    for (const payer of [bob, relayer]) payer?.close();
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const rowsOf = async (assetId: string) => z.array(Row).parse(await world.rows(assetId));
  const rowOf = async (assetId: string) => {
    const [row] = await rowsOf(assetId);
    if (row === undefined) throw new Error("no payment is written down");
    return row;
  };
  /** Two assets of one wallet, so that what came for either came to it. */
  const sellTwo = async () => {
    const one = await world.sellAsset();
    return [one, await world.sellAsset({ merchantId: one.merchantId })] as const;
  };
  const rpc = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    return Object(await response.json()).result;
  };

  /** Facilitator that keeps what it was sent until there are so many, and brings them to the chain in one transaction. */
  const batch = (size: number, others: readonly EvmPayload[] = []) => {
    const kept: EvmPayload[] = [...others];
    let done: (transaction: string) => void;
    const landed = new Promise<string>((resolve) => {
      done = resolve;
    });
    world.behaviour.settle = async ({ paymentPayload }: FacilitatorCall) => {
      kept.push(paymentPayload.payload as unknown as EvmPayload);
      if (kept.length === size) done(await relayer.submitTogether(kept));
      const transaction = await landed;
      return { kind: "settled", transaction, payer: null, raw: { success: true, transaction } };
    };
    return landed;
  };
  const claim = async (payer: Payer, required: Reply, signature: string) => {
    const quoteId = String(required.body.quoteId);
    const proof = await payer.signMessage(quoteId);
    return { "x-payment-authorization": `PAY2 ${encode({ signature, quoteId, proof })}` };
  };

  it("count each, of two payers", async () => {
    const [one, two] = await sellTwo();
    const headers = [await signV2(ann, await ask(one.assetId)), await signV2(bob, await ask(two.assetId))] as const;
    const landed = batch(2);
    const replies = await Promise.all([ask(one.assetId, headers[0].header), ask(two.assetId, headers[1].header)]);
    const transaction = await landed;
    for (const { body } of replies) expect(body).toMatchObject({ status: "granted", transaction });
    expect([await rowOf(one.assetId), await rowOf(two.assetId)]).toMatchObject([
      { status: "settled", transaction },
      { status: "settled", transaction },
    ]);
  });

  it("count each, of one payer for two quotes, also where the doubt of both is resolved from the chain", async () => {
    const [one, two] = await sellTwo();
    const headers = [await signV2(ann, await ask(one.assetId)), await signV2(ann, await ask(two.assetId))] as const;
    const transaction = await relayer.submitTogether(headers.map(({ payload }) => payload));
    world.behaviour.settle = async () => ({ kind: "unknown", transaction, detail: "timeout", raw: null });
    expect((await ask(one.assetId, headers[0].header)).status).toBe(202);
    expect((await ask(two.assetId, headers[1].header)).status).toBe(202);
    for (const { assetId } of [one, two]) {
      const { id: paymentId } = await rowOf(assetId);
      expect(await reconcilePayment(world.needs, { paymentId })).toMatchObject({ status: "settled" });
      expect(await world.sessions(assetId)).toHaveLength(1);
    }
  });

  it("X14: are no payment of one whose nonce was used for a transfer to itself beside another's", async () => {
    const [one, two] = await sellTwo();
    const required = await ask(one.assetId);
    const cheat = await signV2(bob, required);
    const victim = await signV2(ann, await ask(two.assetId));
    const { nonce } = cheat.payload.authorization;
    const toItself = await bob.sign({ to: bob.address, units: PRICE, nonce });
    const transaction = await relayer.submitTogether([toItself, victim.payload]);
    world.behaviour.settle = async () => ({ kind: "settled", transaction, payer: null, raw: null });
    expect((await ask(one.assetId, cheat.header)).status).toBe(202);
    const { id: paymentId } = await rowOf(one.assetId);
    await reconcilePayment(world.needs, { paymentId });
    expect(await world.rows(one.assetId)).toMatchObject([
      { status: "failed", failure_code: "authorization_used_otherwise" },
    ]);
    expect(await world.sessions(one.assetId)).toHaveLength(0);
    expect((await ask(two.assetId, victim.header)).body).toMatchObject({ status: "granted", transaction });
  });

  it.each(["signed first", "claimed first", "at once"] as const)(
    "X02: never count as a PAY2 payment too: one authorization, shown as both, %s",
    async (order) => {
      const [one, two] = await sellTwo();
      const [required, other] = [await ask(one.assetId), await ask(two.assetId)];
      const { header, payload } = await signV2(ann, required);
      const transaction = await ann.submit(payload);
      world.behaviour.settle = async () => ({ kind: "settled", transaction, payer: null, raw: null });
      const claimed = await claim(ann, other, transaction);
      const pay = () => ask(one.assetId, header);
      const show = () => ask(two.assetId, claimed);
      const ways = order === "claimed first" ? [show, pay] : [pay, show];
      const replies: Reply[] = [];
      if (order === "at once") replies.push(...(await Promise.all(ways.map((way) => way()))));
      else for (const way of ways) replies.push(await way());
      const granted = replies.filter(({ body }) => body.status === "granted");
      expect(granted).toHaveLength(1);
      expect(replies.filter(({ body }) => body.code === "payment_already_used")).toHaveLength(1);
      expect([...(await world.sessions(one.assetId)), ...(await world.sessions(two.assetId))]).toHaveLength(1);
    },
  );

  it("X02: leave to PAY2 what their payer gave besides, in whichever order both are shown", async () => {
    await ann.allowBatches();
    for (const isClaimedFirst of [true, false]) {
      const [one, two] = await sellTwo();
      const [required, other] = [await ask(one.assetId), await ask(two.assetId)];
      const { header, payload } = await signV2(ann, required);
      const plain = { from: ann.address, to: one.wallet, units: 2n * PRICE };
      const transaction = await relayer.submitTogether([payload], [plain]);
      world.behaviour.settle = async () => ({ kind: "settled", transaction, payer: null, raw: null });
      const claimed = await claim(ann, other, transaction);
      const ways = [() => ask(two.assetId, claimed), () => ask(one.assetId, header)];
      for (const way of isClaimedFirst ? ways : ways.reverse())
        expect((await way()).body).toMatchObject({ status: "granted", transaction });
      expect(await world.rows(two.assetId)).toMatchObject([
        { dialect: "pay2", amount_units: "100000", left_units: "100000" },
      ]);
      expect((await ask(one.assetId, await claim(ann, other, transaction))).status).toBeGreaterThanOrEqual(400);
    }
  });

  it("X02: are no PAY2 payment of anybody's where several of them paid the wallet", async () => {
    const [one, two] = await sellTwo();
    const payloads = [
      await ann.sign({ to: one.wallet, units: PRICE }),
      await bob.sign({ to: one.wallet, units: PRICE }),
    ];
    const transaction = await relayer.submitTogether(payloads);
    const reply = await ask(two.assetId, await claim(ann, await ask(two.assetId), transaction));
    expect(reply.body).toMatchObject({ reason: "transfer_by_others" });
    expect(await world.rows(two.assetId)).toHaveLength(0);
  });

  it("are each reversed when a reorganisation took their transaction and they can land no more", async () => {
    const [one, two] = await sellTwo();
    const headers = [await signV2(ann, await ask(one.assetId)), await signV2(bob, await ask(two.assetId))] as const;
    const before = await rpc("evm_snapshot", []);
    const landed = batch(2);
    await Promise.all([landed, ask(one.assetId, headers[0].header), ask(two.assetId, headers[1].header)]);
    await rpc("evm_revert", [before]);
    await rpc("anvil_mine", ["0x20", "0x2000"]);
    const seconds = finalitySeconds({ finalityBlocks: 12, blockTimeSeconds: 1 });
    for (const { assetId } of [one, two]) {
      const { id: paymentId, status } = await rowOf(assetId);
      expect(status).toBe("settled");
      await world.app.owner.raw(
        "UPDATE access_payments SET resolved_at = resolved_at - make_interval(secs => ?) WHERE id = ?",
        [seconds + 60, paymentId],
      );
      expect(await reconcilePayment(world.needs, { paymentId })).toMatchObject({ status: "settled", next: "wait" });
      expect(await reconcilePayment(world.needs, { paymentId })).toMatchObject({ status: "reversed" });
      const [session] = await world.sessions(assetId);
      expect(session).toMatchObject({ status: "revoked" });
    }
  });
});
