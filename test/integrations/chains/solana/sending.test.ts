import { describe, expect, it } from "vitest";
import type { JsonRpc } from "../../../../src/integrations/chains/evm/json-rpc.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { openSolanaNode } from "../../../../src/integrations/chains/solana/node.ts";
import { broadcast, isExpired, quoteSponsoredTransfer } from "../../../../src/integrations/chains/solana/sending.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const WALLET = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
const OTHER = "De7tDownbYtPci9gzLzjNoGai6mTSmXZBbaLxKqwRVD9";
const TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const network = solanaNetwork({
  cluster: "local",
  shortName: "solana",
  nativePrice: nanodollars(1n),
  usdc: MINT,
});
const order = { mint: MINT, decimals: 6, from: OTHER, to: WALLET, amountUnits: "5", feePayer: WALLET };

type Answers = Readonly<Record<string, Awaited<ReturnType<JsonRpc>>>>;

const nodeOf = (answers: Answers) =>
  openSolanaNode(
    network,
    async (method) => answers[method] ?? { result: method === "getGenesisHash" ? "local" : null },
  );
const account = (owner: string, lamports: number) => ({ owner, lamports, data: ["", "base64"] });
const readyToQuote = (accounts: readonly unknown[], err: unknown = null): Answers => ({
  getMultipleAccounts: { result: { value: accounts } },
  getMinimumBalanceForRentExemption: { result: 2_000_000 },
  getLatestBlockhash: { result: { value: { blockhash: MINT, lastValidBlockHeight: 150 } } },
  simulateTransaction: { result: { value: { err } } },
});

describe("quoting", () => {
  it("makes the receiver's token account only where there is none", async () => {
    const rich = account("11111111111111111111111111111111", 10 ** 9);
    const without = nodeOf(readyToQuote([null, rich, account(TOKEN, 1)]));
    expect(await quoteSponsoredTransfer(without, order)).toMatchObject({ createsAccount: true, blockhash: MINT });
    const withOne = nodeOf(readyToQuote([account(TOKEN, 1), rich, account(TOKEN, 1)]));
    expect(await quoteSponsoredTransfer(withOne, order)).not.toHaveProperty("feePayer");
    expect(await quoteSponsoredTransfer(withOne, order)).toMatchObject({ createsAccount: false });
  });

  it("says what the tank lacks, rent included", async () => {
    const poor = account("11111111111111111111111111111111", 4_010_599);
    await expect(quoteSponsoredTransfer(nodeOf(readyToQuote([null, poor, account(TOKEN, 1)])), order)).rejects.toThrow(
      /holds 4010599 and needs 4010600/,
    );
  });

  it("refuses a Token-2022 mint, and what the token would refuse", async () => {
    const rich = account("11111111111111111111111111111111", 10 ** 9);
    const newer = account("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb", 1);
    for (const answers of [
      readyToQuote([null, rich, newer]),
      readyToQuote([null, rich, null]),
      readyToQuote([null, rich, account(TOKEN, 1)], { InstructionError: [3, { Custom: 17 }] }),
    ]) {
      await expect(quoteSponsoredTransfer(nodeOf(answers), order)).rejects.toMatchObject({
        code: "transaction_would_fail",
      });
    }
  });
});

describe("broadcasting", () => {
  const send = (message: string, code = -32_002) =>
    broadcast(nodeOf({ sendTransaction: { refused: { code, message } } }), "raw");

  it("takes what is in a block already, or too old to be in one, as no failure of sending", async () => {
    expect(await broadcast(nodeOf({ sendTransaction: { result: "signature" } }), "raw")).toBe("accepted");
    expect(await send("This transaction has already been processed")).toBe("already_known");
    expect(await send("Transaction simulation failed: Blockhash not found")).toBe("already_known");
  });

  it("tells an empty tank, a token's refusal and a sick node apart", async () => {
    await expect(send("Attempt to debit an account but found no record of a prior credit.")).rejects.toMatchObject({
      code: "gas_tank_empty",
    });
    await expect(send("Transaction simulation failed: custom program error: 0x11")).rejects.toMatchObject({
      code: "transaction_would_fail",
    });
    await expect(send("Node is behind by 42 slots", -32_005)).rejects.toMatchObject({ code: "rpc_unavailable" });
  });
});

describe("expiry", () => {
  const stored = { hash: "signature", lastValidBlockHeight: 150 };
  const ask = (height: number, status: unknown) =>
    isExpired(
      nodeOf({
        getBlockHeight: { result: height },
        getSignatureStatuses: { result: { context: { slot: 1 }, value: [status] } },
      }),
      stored,
    );

  it("is proven only when the finalized height is past and all of history knows no such transaction", async () => {
    expect(await ask(150, null)).toBe(false);
    expect(await ask(151, { slot: 5, err: null })).toBe(false);
    expect(await ask(151, { slot: 5, err: "failed" })).toBe(false);
    expect(await ask(151, null)).toBe(true);
  });
});
