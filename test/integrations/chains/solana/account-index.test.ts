import { expect, it } from "vitest";
import { indexAccounts, readBalanceAt } from "../../../../src/integrations/chains/solana/account-index.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { openSolanaNode } from "../../../../src/integrations/chains/solana/node.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const OWNER = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
const network = solanaNetwork({ cluster: "local", shortName: "solana", nativePrice: nanodollars(1n), usdc: MINT });
const account = tokenAccountOf({ owner: OWNER, mint: MINT });

/** A node whose account gained one unit in each of `slots`, the failed ones excepted; signatures are the slots. */
function nodeOf(input: {
  readonly slots: readonly number[];
  readonly failed?: readonly number[];
  readonly final: number;
}) {
  const { slots, failed = [], final } = input;
  const newestFirst = slots.toReversed();
  const gained = (slot: number) => slots.filter((each) => each <= slot && !failed.includes(each)).length;
  const balance = (units: number) => ({
    accountIndex: 0,
    mint: MINT,
    owner: OWNER,
    programId: TOKEN_PROGRAM.toBase58(),
    uiTokenAmount: { amount: String(units) },
  });
  const answers: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    getGenesisHash: () => "local",
    getSlot: () => final,
    getSignaturesForAddress: ([, options]) => {
      const { limit, until, before } = Object(options);
      const from = before === undefined ? 0 : newestFirst.indexOf(Number(before)) + 1;
      const known = until === undefined ? -1 : newestFirst.indexOf(Number(until));
      return newestFirst
        .slice(from, Math.min(from + limit, known < 0 ? newestFirst.length : known))
        .map((slot) => ({ signature: String(slot), slot, err: failed.includes(slot) ? "failed" : null }));
    },
    getTransaction: ([signature]) => {
      const slot = Number(signature);
      const preTokenBalances = [balance(gained(slot - 1))];
      const meta = { err: null, fee: 5_000, preTokenBalances, postTokenBalances: [balance(gained(slot))] };
      return { slot, transaction: { signatures: [signature], message: { accountKeys: [account] } }, meta };
    },
  };
  return openSolanaNode(network, async (method, params) => ({ result: answers[method]?.(params) ?? null }));
}
const upTo = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

it("reads a flood of dust in parts, oldest first, and leaves none out", async () => {
  const index = indexAccounts(nodeOf({ slots: upTo(2_150), final: 9_999 }));
  const read: string[] = [];
  let cursor: Readonly<Record<string, string>> = {};
  for (let looks = 0, isSettled = false; !isSettled; looks += 1) {
    const part = await index.readArrivals({ owner: OWNER, cursor });
    read.push(...part.transfers.map(({ transactionHash }) => transactionHash));
    ({ cursor, isSettled } = part);
    expect(looks).toBeLessThan(22);
  }
  expect(read).toEqual(upTo(2_150).map(String));
});

it("keeps its place at the newest final transaction, so what a fork may take back is read again", async () => {
  const index = indexAccounts(nodeOf({ slots: [5, 6, 7, 8], failed: [6], final: 6 }));
  const first = await index.readArrivals({ owner: OWNER, cursor: {} });
  expect(first.transfers.map(({ transactionHash }) => transactionHash)).toEqual(["5", "7", "8"]);
  expect(first).toMatchObject({ isSettled: false, cursor: { [account]: "6" } });
  const again = await index.readArrivals({ owner: OWNER, cursor: first.cursor });
  expect(again.transfers.map(({ transactionHash }) => transactionHash)).toEqual(["7", "8"]);
});

it("knows what an account held at a slot, failed transactions and empty beginnings included", async () => {
  const node = nodeOf({ slots: [5, 6, 7], failed: [6], final: 6 });
  const at = (slot: number) => readBalanceAt(node, { account, slot });
  expect([await at(4), await at(5), await at(6), await at(7), await at(99)]).toEqual([0n, 1n, 1n, 2n, 2n]);
});
