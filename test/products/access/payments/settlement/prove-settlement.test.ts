import { Keypair } from "@solana/web3.js";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { LOCAL_USDC_MINT, setTokens } from "../../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../../src/integrations/chains/chain.ts";
import { RpcUnavailable } from "../../../../../src/integrations/chains/errors.ts";
import { openEvmChain } from "../../../../../src/integrations/chains/evm/chain.ts";
import { evmNetworks, localNetwork } from "../../../../../src/integrations/chains/evm/networks.ts";
import type { LandedTransaction, PaymentReader } from "../../../../../src/integrations/chains/payments.ts";
import { registerChains } from "../../../../../src/integrations/chains/registry.ts";
import { openSolanaChain } from "../../../../../src/integrations/chains/solana/chain.ts";
import { solanaNetwork } from "../../../../../src/integrations/chains/solana/networks.ts";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import {
  blocksNeeded,
  isMadeBy,
  type ProvablePayment,
  proveSettlement,
} from "../../../../../src/products/access/payments/settlement/prove-settlement.ts";
import { evmMissing, startTestEvm } from "../../../../support/evm.ts";
import { openEvmPayer, openSolanaPayer } from "../../../../support/signed-transfers.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../../support/solana.ts";

const UNITS = 500_000n;
const GROSS = nanodollars(500_000_000n);
const now = () => new Date();
const quotedAt = new Date(Date.now() - 60_000);

describe.skipIf(evmMissing)("a settlement on EVM", () => {
  let evm: EvmPart;
  let payer: Awaited<ReturnType<typeof openEvmPayer>>;
  let needs: Parameters<typeof proveSettlement>[0];
  const merchant = Wallet.createRandom().address;

  beforeAll(async () => {
    evm = await startTestEvm();
    payer = await openEvmPayer(evm);
    const chain = openEvmChain({ network: localNetwork({ usdc: evm.usdc }), rpcUrl: evm.rpc });
    needs = { accessChains: registerChains([chain]) };
  });
  afterAll(async () => {
    payer?.close();
    await evm?.stop();
  });

  const paymentOf = (nonce: string): ProvablePayment => ({
    ...{ dialect: "v2", network: "eip155:31337", token: "USDC", payTo: merchant, payer: payer.address },
    ...{ amountUnits: UNITS, gross: GROSS, payloadKey: `${payer.address}:${nonce}`.toLowerCase(), createdAt: now() },
  });

  it("is proven by the authorization it used and what the merchant gained", async () => {
    const payload = await payer.sign({ to: merchant, units: UNITS });
    const transaction = await payer.submit(payload);
    const payment = paymentOf(payload.authorization.nonce);
    const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
    expect(proof).toMatchObject({ kind: "proven", payer: payer.address, paidUnits: UNITS, memos: [] });
  });

  it("X06: is refuted when the transaction is another payment's, to another wallet, too small, or older", async () => {
    const payload = await payer.sign({ to: merchant, units: UNITS });
    const transaction = await payer.submit(payload);
    const payment = paymentOf(payload.authorization.nonce);
    const elsewhere = { ...payment, payTo: Wallet.createRandom().address };
    const verdicts = [
      await proveSettlement(needs, { payment: paymentOf(`0x${"11".repeat(32)}`), transaction, quotedAt }),
      await proveSettlement(needs, { payment: elsewhere, transaction, quotedAt }),
      await proveSettlement(needs, { payment: { ...payment, amountUnits: UNITS + 1n }, transaction, quotedAt }),
      await proveSettlement(needs, { payment, transaction, quotedAt: new Date(Date.now() + 3_600_000) }),
    ];
    expect(verdicts).toMatchObject([
      { kind: "refuted", code: "settlement_foreign" },
      { kind: "refuted", code: "authorization_used_otherwise" },
      { kind: "refuted", code: "settlement_short" },
      { kind: "refuted", code: "settlement_older" },
    ]);
  });

  it("X06: is not believed while no node knows its transaction", async () => {
    const input = { payment: paymentOf(`0x${"11".repeat(32)}`), transaction: `0x${"ab".repeat(32)}`, quotedAt };
    expect(await proveSettlement(needs, { ...input, patienceMilliseconds: 300 })).toMatchObject({ kind: "not_seen" });
    const malformed = { ...input, transaction: "made up", patienceMilliseconds: 300 };
    expect(await proveSettlement(needs, malformed)).toMatchObject({ kind: "not_seen" });
  });

  it("X08: a transfer without the authorization's event proves no signed payment, and does prove a PAY2 one", async () => {
    const transaction = await payer.pay({ to: merchant, units: UNITS });
    const payment = paymentOf(`0x${"22".repeat(32)}`);
    const input = { transaction, quotedAt };
    expect(await proveSettlement(needs, { ...input, payment })).toMatchObject({ code: "settlement_foreign" });
    const shown = { ...payment, dialect: "pay2", payer: "", payloadKey: transaction } as const;
    expect(await proveSettlement(needs, { ...input, payment: shown })).toMatchObject({ payer: payer.address });
  });

  it("X14: is no PAY2 payment where somebody put another's signed payment on the chain together with a larger one of its own", async () => {
    const attacker = await openEvmPayer(evm);
    const victims = await payer.sign({ to: merchant, units: UNITS });
    const own = await attacker.sign({ to: merchant, units: UNITS + 1n });
    const transaction = await attacker.submitTogether([victims, own]);
    attacker.close();
    const shown = { ...paymentOf(transaction), dialect: "pay2", payer: "", payloadKey: transaction } as const;
    const claimed = await proveSettlement(needs, { payment: shown, transaction, quotedAt });
    expect(claimed).toMatchObject({ kind: "refuted", code: "transfer_by_others" });
    const signed = await proveSettlement(needs, {
      payment: paymentOf(victims.authorization.nonce),
      transaction,
      quotedAt,
    });
    expect(signed).toMatchObject({ kind: "proven", payer: payer.address });
  });

  it("is worth to PAY2 what its payer gave, not what others gave beside it", async () => {
    const transaction = await payer.pay({ to: merchant, units: UNITS });
    const chain = needs.accessChains.find("eip155:31337");
    const { payments } = chain;
    if (payments === undefined) throw new Error("the chain reads no payments");
    const another = Wallet.createRandom().address;
    const readLanded = async (id: string) => {
      const landed = await payments.readLanded(id);
      if (landed === undefined) return undefined;
      const [credit] = landed.credits;
      if (credit === undefined) throw new Error("nobody was paid");
      return {
        ...landed,
        credits: [{ ...credit, amountUnits: UNITS + 400_000n }],
        debits: [...landed.debits, { token: credit.token, owner: another, amountUnits: 400_000n }],
      };
    };
    const accessChains = registerChains([{ ...chain, payments: { ...payments, readLanded } }]);
    const shown = { ...paymentOf(transaction), dialect: "pay2", payer: "", payloadKey: transaction } as const;
    const proof = await proveSettlement({ accessChains }, { payment: shown, transaction, quotedAt });
    expect(proof).toMatchObject({ kind: "proven", payer: payer.address, paidUnits: UNITS });
  });

  it("needs as many blocks as its amount asks for", async () => {
    const payload = await payer.sign({ to: merchant, units: UNITS });
    const transaction = await payer.submit(payload);
    const large = { ...paymentOf(payload.authorization.nonce), gross: nanodollars(20_000n * 10n ** 9n) };
    const look = () => proveSettlement(needs, { payment: large, transaction, quotedAt, patienceMilliseconds: 200 });
    expect(await look()).toMatchObject({ kind: "not_seen", detail: "its block is not deep enough yet" });
    await evm.mine(2);
    expect(await look()).toMatchObject({ kind: "proven" });
  });
});

describe.skipIf(solanaMissing)("a settlement on Solana", () => {
  let solana: TestSolana;
  let payer: Awaited<ReturnType<typeof openSolanaPayer>>;
  let chain: Chain;
  let needs: Parameters<typeof proveSettlement>[0];
  const merchant = Keypair.generate().publicKey.toBase58();

  beforeAll(async () => {
    solana = await startTestSolana();
    payer = await openSolanaPayer(solana.rpc);
    await setTokens(solana.rpc, { owner: merchant, units: 0n });
    const setting = { cluster: "local", shortName: "solana", nativePrice: nanodollars(1n) } as const;
    chain = openSolanaChain({ network: solanaNetwork({ ...setting, usdc: LOCAL_USDC_MINT }), rpcUrl: solana.rpc });
    needs = { accessChains: registerChains([chain]) };
  });
  afterAll(() => solana?.stop());

  const paymentOf = (payloadKey: string): ProvablePayment => ({
    ...{ dialect: "v2", network: "solana:local", token: "USDC", payTo: merchant, payer: payer.address },
    ...{ amountUnits: UNITS, gross: GROSS, payloadKey, createdAt: now() },
  });
  const hashOf = async (transaction: string) => (await chain.payments?.readLanded(transaction))?.messageHash ?? "";

  it("is proven by the message that was signed, whatever other instructions the chain ran", async () => {
    const transaction = await payer.submit(await payer.sign({ to: merchant, units: UNITS, memo: "qte_1" }));
    const payment = paymentOf(await hashOf(transaction));
    const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
    expect(proof).toMatchObject({ kind: "proven", payer: payer.address, paidUnits: UNITS, memos: ["qte_1"] });
  });

  it("X06, X11: is refuted for another message that pays the same with the same memo", async () => {
    const first = await payer.submit(await payer.sign({ to: merchant, units: UNITS, memo: "qte_2" }));
    const second = await payer.submit(await payer.sign({ to: merchant, units: UNITS, memo: "qte_2" }));
    const payment = paymentOf(await hashOf(first));
    const proof = await proveSettlement(needs, { payment, transaction: second, quotedAt });
    expect(proof).toMatchObject({ kind: "refuted", code: "settlement_foreign" });
  });

  it("X11: is worth what arrived, though several transfers in one transaction paid the wallet and took from it", async () => {
    const other = Keypair.generate().publicKey.toBase58();
    const transaction = await solana.customer.payTogether([
      { to: merchant, units: 200_000n },
      { to: other, units: 7n },
      { to: merchant, units: 300_000n },
    ]);
    const shown = { ...paymentOf(transaction), dialect: "pay2", payer: "" } as const;
    const proof = await proveSettlement(needs, { payment: shown, transaction, quotedAt });
    expect(proof).toMatchObject({ kind: "proven", payer: solana.customer.address, paidUnits: UNITS });
  });

  it("X06: is refuted when the transaction is there and failed", async () => {
    const transaction = await payer.submit(await payer.sign({ to: merchant, units: 10n ** 15n }));
    const payment = paymentOf(await hashOf(transaction));
    const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
    expect(proof).toMatchObject({ kind: "refuted", code: "transaction_failed" });
  });
});

describe("a settlement as nodes tell it", () => {
  const network = localNetwork({ usdc: "0x5FbDB2315678afecb367f032d93F642f64180aa3" });
  const token = network.tokens[0]?.address ?? "";
  const payment: ProvablePayment = {
    ...{ dialect: "v2", network: network.id, token: "USDC", payTo: "0xTo", payer: "0xFrom", amountUnits: UNITS },
    ...{ gross: GROSS, payloadKey: "0xfrom:0x1", createdAt: now() },
  };
  const landed: LandedTransaction = {
    ...{ transaction: "0xab", succeeded: true, block: 7, at: now(), memos: [], messageHash: null },
    credits: [{ token, owner: "0xTo", amountUnits: UNITS }],
    debits: [{ token, owner: "0xFrom", amountUnits: UNITS }],
    authorizations: [{ token, authorizer: "0xFrom", nonce: "0x1", transfer: { to: "0xTo", amountUnits: UNITS } }],
  };
  const nothing = async () => {
    throw new Error("not asked here");
  };
  type Answer = LandedTransaction | undefined | Error;
  /** A node that answers in this order, and then the last for ever. */
  const nodeOf = (...answers: readonly Answer[]): Chain => {
    let asked = 0;
    const payments: PaymentReader = {
      ...{ findTransfer: nothing, canStillLand: nothing, whyNotToken: nothing },
      readLanded: async () => {
        const answer = answers[Math.min(asked, answers.length - 1)];
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    return { ...openEvmChain({ network, rpcUrl: "http://127.0.0.1:9" }), payments };
  };
  const prove = (chain: Chain, patienceMilliseconds = 3_000) =>
    proveSettlement(
      { accessChains: registerChains([chain]) },
      { payment, transaction: "0xab", quotedAt, patienceMilliseconds },
    );

  it("is waited for where a node lags or fails for a moment", async () => {
    const unavailable = new RpcUnavailable(network.id, "timeout");
    expect(await prove(nodeOf(undefined, unavailable, undefined, landed))).toMatchObject({ kind: "proven" });
  });

  it("is unknown when the node does not answer in time, hangs or not", async () => {
    expect(await prove(nodeOf(new RpcUnavailable(network.id, "timeout")), 250)).toMatchObject({ kind: "not_seen" });
    const hanging: PaymentReader = {
      ...{ findTransfer: nothing, canStillLand: nothing, whyNotToken: nothing },
      readLanded: () => new Promise(() => undefined),
    };
    expect(await prove({ ...nodeOf(), payments: hanging }, 100)).toMatchObject({
      detail: "the node did not answer in time",
    });
  });

  it("is believed only when two providers say the same", async () => {
    const foreign = { ...landed, authorizations: [] };
    const withTwo = (first: Answer, second: Answer) => ({
      ...nodeOf(first),
      witnesses: [nodeOf(first), nodeOf(second)],
    });
    expect(await prove(withTwo(landed, landed))).toMatchObject({ kind: "proven" });
    expect(await prove(withTwo(landed, undefined), 150)).toMatchObject({ kind: "not_seen" });
    expect(await prove(withTwo(landed, foreign), 150)).toMatchObject({ detail: "two nodes do not say the same" });
    expect(await prove(withTwo(foreign, foreign))).toMatchObject({ code: "settlement_foreign" });
  });

  it("is of a token we know and of somebody who paid", async () => {
    const odd = async (change: Partial<ProvablePayment>, seen: LandedTransaction) =>
      proveSettlement(
        { accessChains: registerChains([nodeOf(seen)]) },
        { payment: { ...payment, ...change }, transaction: "0xab", quotedAt },
      );
    expect(await odd({ token: "PYUSD" }, landed)).toMatchObject({ code: "token_unknown" });
    const unsigned = { ...landed, debits: [], authorizations: [] };
    expect(await odd({ dialect: "pay2" }, unsigned)).toMatchObject({ code: "settlement_without_payer" });
    const farOff = { ...landed, at: new Date(payment.createdAt.getTime() - 7_200_000) };
    const unsaid = { payment, transaction: "0xab" };
    const needs = { accessChains: registerChains([nodeOf(farOff)]) };
    expect(await proveSettlement(needs, unsaid)).toMatchObject({ code: "settlement_older" });
  });

  it("is made by a transaction for as long as that one does all of it, in whichever block", () => {
    const whole = { ...payment, leftUnits: 0n };
    const batch = { ...landed, at: new Date(0) };
    expect(isMadeBy(whole, { network, landed: batch })).toBe(true);
    expect(isMadeBy(whole, { network, landed: { ...batch, authorizations: [] } })).toBe(false);
    expect(isMadeBy(whole, { network, landed: { ...batch, succeeded: false } })).toBe(false);
    const claimed = { ...whole, dialect: "pay2", leftUnits: 1n } as const;
    expect(isMadeBy(claimed, { network, landed: batch })).toBe(false);
  });

  it("is instant for little money, and as deep as a deposit for much", () => {
    const [base] = evmNetworks;
    const solana = solanaNetwork({ cluster: "mainnet", shortName: "solana", nativePrice: nanodollars(1n) });
    if (base === undefined) throw new Error("Base is known");
    const dollars = (whole: bigint) => nanodollars(whole * 10n ** 9n);
    expect([dollars(100n), dollars(101n)].map((gross) => blocksNeeded(base, gross))).toEqual([1, 12]);
    expect([dollars(1_000n), dollars(1_001n)].map((gross) => blocksNeeded(solana, gross))).toEqual([1, 32]);
  });
});
