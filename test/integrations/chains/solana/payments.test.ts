import { createHash } from "node:crypto";
import { Keypair, VersionedTransaction } from "@solana/web3.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_USDC_MINT, setTokens } from "../../../../sandbox/parts/surfnet.ts";
import type { PaymentReader, SignedTransfer } from "../../../../src/integrations/chains/payments.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { openSolanaPayer } from "../../../support/signed-transfers.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../support/solana.ts";

const network = solanaNetwork({
  ...{ cluster: "local", shortName: "solana", nativePrice: nanodollars(1n) },
  usdc: LOCAL_USDC_MINT,
});

describe.skipIf(solanaMissing)("payments on Solana", () => {
  let solana: TestSolana;
  let payer: Awaited<ReturnType<typeof openSolanaPayer>>;
  let reader: PaymentReader;
  const merchant = Keypair.generate().publicKey.toBase58();

  beforeAll(async () => {
    solana = await startTestSolana();
    payer = await openSolanaPayer(solana.rpc);
    await setTokens(solana.rpc, { owner: merchant, units: 0n });
    const chain = openSolanaChain({ network, rpcUrl: solana.rpc });
    if (chain.payments === undefined) throw new Error("payments are read on Solana");
    reader = chain.payments;
  });
  afterAll(() => solana?.stop());

  const signedOf = (transaction: string, since = new Date()): SignedTransfer => ({
    ...{ kind: "solana", token: LOCAL_USDC_MINT, payer: payer.address },
    transaction,
    since,
  });

  it("says who gained and lost what, when, with which memo, and which message was signed", async () => {
    const signed = await payer.sign({ to: merchant, units: 250_000n, memo: "quote_1" });
    const transaction = await payer.submit(signed);
    const landed = await reader.readLanded(transaction);
    const message = VersionedTransaction.deserialize(Buffer.from(signed, "base64")).message.serialize();
    expect(landed).toMatchObject({
      transaction,
      succeeded: true,
      credits: [{ token: LOCAL_USDC_MINT, owner: merchant, amountUnits: 250_000n }],
      debits: [{ token: LOCAL_USDC_MINT, owner: payer.address, amountUnits: 250_000n }],
      memos: ["quote_1"],
      messageHash: createHash("sha256").update(message).digest("hex"),
    });
    expect(Math.abs((landed?.at.getTime() ?? 0) - Date.now())).toBeLessThan(3_600_000);
  });

  it("finds a signed transfer by its message, with and without a memo, among others of its payer", async () => {
    const [first, second] = [
      await payer.sign({ to: merchant, units: 1n, memo: "quote_2" }),
      await payer.sign({ to: merchant, units: 2n }),
    ];
    expect(await reader.findTransfer(signedOf(first))).toEqual({ kind: "absent" });
    const transactions = [await payer.submit(first), await payer.submit(second)];
    for (const units of [3n, 4n]) await payer.submit(await payer.sign({ to: merchant, units, memo: "quote_2" }));
    expect(await reader.findTransfer(signedOf(first))).toEqual({ kind: "landed", transaction: transactions[0] });
    expect(await reader.findTransfer(signedOf(second))).toEqual({ kind: "landed", transaction: transactions[1] });
  });

  it("finds what landed and failed, and counts nothing of it", async () => {
    const signed = await payer.sign({ to: merchant, units: 10n ** 15n, memo: "too much" });
    const transaction = await payer.submit(signed);
    expect(await reader.findTransfer(signedOf(signed))).toEqual({ kind: "landed", transaction });
    expect(await reader.readLanded(transaction)).toMatchObject({ succeeded: false, credits: [], debits: [] });
  });

  it("X13: a transfer can land while its blockhash may be alive, and cannot once finalized time is past any life of it", async () => {
    const blockhash = Keypair.generate().publicKey.toBase58();
    const signed = await payer.sign({ to: merchant, units: 1n, blockhash });
    expect(await reader.canStillLand(signedOf(signed), 1)).toBe(true);
    const longAgo = new Date(Date.now() - 86_400_000);
    await expect.poll(() => reader.canStillLand(signedOf(signed, longAgo), 1)).toBe(false);
    expect(await reader.canStillLand(signedOf(await payer.sign({ to: merchant, units: 1n })), 1)).toBe(true);
  });

  it("X13: a transfer with a durable nonce can land for ever", async () => {
    const signed = await payer.sign({ to: merchant, units: 1n, durableNonce: true });
    expect(await reader.canStillLand(signedOf(signed, new Date(0)), 1)).toBe(true);
  });

  it("has not seen what is no signature or in no block", async () => {
    for (const odd of ["", "0x12", "5".repeat(88)]) expect(await reader.readLanded(odd)).toBeUndefined();
    await expect(reader.findTransfer(signedOf("AQID"))).rejects.toThrow("no Solana transaction");
  });

  it("compares a mint with what we know of it", async () => {
    expect(await reader.whyNotToken({ address: LOCAL_USDC_MINT, decimals: 6 })).toBeUndefined();
    expect(await reader.whyNotToken({ address: LOCAL_USDC_MINT, decimals: 9 })).toContain("6 decimals, not 9");
    expect(await reader.whyNotToken({ address: merchant, decimals: 6 })).toContain("no mint");
  });
});
