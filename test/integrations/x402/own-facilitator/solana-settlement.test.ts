import {
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askSurfnet, LOCAL_USDC_MINT, setTokens } from "../../../../sandbox/parts/surfnet.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import type { Facilitator, FacilitatorCall, WireObject } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import { openFeePayers } from "../../../../src/integrations/x402/own-facilitator/fee-payer-signer.ts";
import { openSolanaSettlement } from "../../../../src/integrations/x402/own-facilitator/solana-settlement.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { startTestFacilitator, type TestFacilitator } from "../../../support/facilitator.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../support/solana.ts";
import { asVersion1, openSolanaPayments, type TestPayments } from "../../../support/x402-payers.ts";

describe.skipIf(solanaMissing)("our facilitator on Solana", () => {
  let test: TestDatabase;
  let solana: TestSolana;
  let payments: TestPayments;
  let own: TestFacilitator;
  let client: Facilitator;
  let extra: WireObject;

  beforeAll(async () => {
    [test, solana] = await Promise.all([createTestDatabase(), startTestSolana({ slotTimeMs: 400 })]);
    payments = await openSolanaPayments(solana);
    own = await startTestFacilitator({
      databaseUrl: test.applicationUrl,
      networks: [payments],
      fund: ({ solana: feePayer }) => payments.fund(feePayer),
    });
    client = openHttpFacilitator({}, { name: "own", url: own.url });
    extra = { feePayer: own.feePayers.solana };
  });
  afterAll(async () => {
    await own.stop();
    solana.stop();
    await test.drop();
  });

  it("offers version 1 by its name, and takes it under the same caps", async () => {
    expect(await client.supported()).toEqual([
      { x402Version: 2, scheme: "exact", network: payments.network.caip2, extra },
      { x402Version: 1, scheme: "exact", network: "solana-devnet", extra },
    ]);
    const call = asVersion1(payments, await payments.sign(extra));
    expect(await client.verify(call)).toMatchObject({ kind: "valid" });
    expect(await client.settle(call)).toMatchObject({ kind: "settled", raw: { network: "solana-devnet" } });
  });

  it.each([
    { name: "1.4 million compute units at the highest price", units: 1_400_000, price: 5_000_000 },
    { name: "too many compute units", units: 60_001, price: 1 },
    { name: "too high a price", units: 20_000, price: 50_001 },
  ])("refuses a payment that asks for $name, in either version, and pays nothing for it", async ({ units, price }) => {
    const before = await lamportsOf(own.feePayers.solana);
    const call = await bomb({ units, price });
    for (const shown of [call, asVersion1(payments, call)]) {
      expect(await client.verify(shown)).toMatchObject({ kind: "invalid", code: "fee_limit_exceeded" });
      expect(await client.settle(shown)).toMatchObject({ kind: "failed", code: "fee_limit_exceeded" });
    }
    expect(await lamportsOf(own.feePayers.solana)).toBe(before);
  });

  it("X11: refuses a transfer that states other decimals than its mint has, and pays nothing for it", async () => {
    const before = await lamportsOf(own.feePayers.solana);
    const call = await bomb({ units: 20_000, price: 1, decimals: 9 });
    expect(await client.verify(call)).toMatchObject({ kind: "invalid", code: "simulation_failed" });
    expect(await client.settle(call)).not.toMatchObject({ kind: "settled" });
    expect(await lamportsOf(own.feePayers.solana)).toBe(before);
  });

  it("demands the memo of the terms exactly", async () => {
    const call = await payments.sign({ ...extra, memo: "quo_one" });
    const other = {
      ...call,
      paymentRequirements: { ...call.paymentRequirements, extra: { ...extra, memo: "quo_two" } },
    };
    expect(await client.settle(other)).toMatchObject({ kind: "failed", code: "memo_mismatch" });
    expect(await client.settle(call)).toMatchObject({ kind: "settled" });
  });

  it("never serves a network whose node is of another cluster", async () => {
    const database = openDatabase(test.applicationUrl, { maxConnections: 1, name: "test" });
    const { solana: feePayer } = await openFeePayers({ evm: Buffer.alloc(32, 1), solana: Buffer.alloc(32, 1) });
    const caps = { maxComputeUnits: 60_000, maxPriorityFeeMicroLamports: 50_000 };
    const devnet = { ...payments, caps, genesisHash: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG" };
    const chain = openSolanaSettlement({ database, feePayer }, devnet);
    await expect(chain.requireChain()).rejects.toThrow("of the cluster whose first block is");
    await database.destroy();
  });

  async function lamportsOf(address: string): Promise<number> {
    const answer = await askSurfnet(solana.rpc, "getBalance", [address, { commitment: "confirmed" }]);
    return JSON.parse(JSON.stringify(answer)).value;
  }

  /** A transfer by hand, as no client makes it: right in all but what the test is about. */
  async function bomb({
    units,
    price,
    decimals = 6,
  }: {
    readonly units: number;
    readonly price: number;
    readonly decimals?: number;
  }): Promise<FacilitatorCall> {
    const call = await payments.sign(extra);
    const { payTo } = call.paymentRequirements;
    const payer = Keypair.generate();
    await setTokens(solana.rpc, { owner: payer.publicKey.toBase58(), units: 10n ** 9n });
    const data = Buffer.alloc(10);
    data.writeUInt8(12, 0);
    data.writeBigUInt64LE(100_000n, 1);
    data.writeUInt8(decimals, 9);
    const accountOf = (owner: string) => new PublicKey(tokenAccountOf({ owner, mint: LOCAL_USDC_MINT }));
    const transfer = new TransactionInstruction({
      programId: TOKEN_PROGRAM,
      keys: [
        { pubkey: accountOf(payer.publicKey.toBase58()), isSigner: false, isWritable: true },
        { pubkey: new PublicKey(LOCAL_USDC_MINT), isSigner: false, isWritable: false },
        { pubkey: accountOf(String(payTo)), isSigner: false, isWritable: true },
        { pubkey: payer.publicKey, isSigner: true, isWritable: false },
      ],
      data,
    });
    const latest = JSON.parse(JSON.stringify(await askSurfnet(solana.rpc, "getLatestBlockhash")));
    const message = new TransactionMessage({
      payerKey: new PublicKey(own.feePayers.solana),
      recentBlockhash: latest.value.blockhash,
      instructions: [
        ComputeBudgetProgram.setComputeUnitLimit({ units }),
        ComputeBudgetProgram.setComputeUnitPrice({ microLamports: price }),
        transfer,
      ],
    }).compileToV0Message();
    const transaction = new VersionedTransaction(message);
    transaction.sign([payer]);
    const payload = { transaction: Buffer.from(transaction.serialize()).toString("base64") };
    return { ...call, paymentPayload: { ...call.paymentPayload, payload } };
  }
});
