import { describe, expect, it } from "vitest";
import { TransactionShape } from "../../../../src/integrations/chains/solana/rpc-shapes.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import { readOutflows, readTransaction } from "../../../../src/integrations/chains/solana/token-transfers.ts";

const MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const PAYER = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
const OTHER = "De7tDownbYtPci9gzLzjNoGai6mTSmXZBbaLxKqwRVD9";
const OWNER = "BkVajA8yJXzMqS52nxBHSJYbyyyTetERYPY5Eh5iz27U";
const TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";

type Holding = {
  readonly owner: string;
  readonly pre?: string;
  readonly post?: string;
  readonly account?: string;
  readonly programId?: string;
};

/** A transaction whose token accounts held `pre` before it and `post` after it. */
function transaction(
  holdings: readonly Holding[],
  change: { readonly err?: unknown; readonly isLoaded?: boolean } = {},
) {
  const accounts = holdings.map(({ owner, account }) => account ?? tokenAccountOf({ owner, mint: MINT }));
  const balances = (side: "pre" | "post") =>
    holdings.flatMap(({ owner, programId, ...units }, place) => {
      const amount = units[side];
      const facts = { accountIndex: place + 1, mint: MINT, owner, programId: programId ?? TOKEN_PROGRAM.toBase58() };
      return amount === undefined ? [] : [{ ...facts, uiTokenAmount: { amount } }];
    });
  return TransactionShape.parse({
    slot: 7,
    transaction: {
      signatures: ["signature", "second"],
      message: { accountKeys: change.isLoaded === true ? [OTHER] : [OTHER, ...accounts] },
    },
    meta: {
      err: change.err ?? null,
      fee: 10_600,
      preTokenBalances: balances("pre"),
      postTokenBalances: balances("post"),
      ...(change.isLoaded === true ? { loadedAddresses: { writable: accounts, readonly: [] } } : {}),
    },
  });
}
const arrivals = (...input: Parameters<typeof transaction>) => readTransaction(transaction(...input), "hash").transfers;

describe("what arrived in a transaction", () => {
  it("is the balance after less the balance before, in an account that was there or was just made", () => {
    const paid = [
      { owner: PAYER, pre: "900", post: "300" },
      { owner: OWNER, pre: "100", post: "700" },
    ];
    expect(arrivals(paid)).toMatchObject([
      { to: OWNER, from: PAYER, token: MINT, amountUnits: 600n, logIndex: 2, block: { number: 7, hash: "hash" } },
    ]);
    expect(
      arrivals([
        { owner: PAYER, pre: "9", post: "4" },
        { owner: OWNER, post: "5" },
      ]),
    ).toMatchObject([{ amountUnits: 5n }]);
  });

  it("is nothing when the transaction failed, whatever it says of balances", () => {
    const paid = [
      { owner: PAYER, pre: "9", post: "4" },
      { owner: OWNER, pre: "0", post: "5" },
    ];
    expect(arrivals(paid, { err: { InstructionError: [0, "Custom"] } })).toEqual([]);
    expect(readOutflows(transaction(paid, { err: "BlockhashNotFound" }))).toEqual([]);
  });

  it("leaves out Token-2022 and accounts that are not the wallet's associated one", () => {
    expect(arrivals([{ owner: OWNER, pre: "0", post: "5", programId: TOKEN_2022 }])).toEqual([]);
    expect(arrivals([{ owner: OWNER, pre: "0", post: "5", account: PAYER }])).toEqual([]);
  });

  it("is found among looked-up addresses, too", () => {
    expect(arrivals([{ owner: OWNER, pre: "0", post: "5" }], { isLoaded: true })).toMatchObject([{ amountUnits: 5n }]);
  });

  it("comes from whoever paid most, or else from who paid for the transaction", () => {
    const two = [
      { owner: PAYER, pre: "9", post: "7" },
      { owner: OTHER, pre: "9", post: "6" },
      { owner: OWNER, pre: "0", post: "5" },
    ];
    expect(arrivals(two)).toMatchObject([{ from: OTHER, amountUnits: 5n }]);
    expect(arrivals([{ owner: OWNER, pre: "0", post: "5" }])).toMatchObject([{ from: OTHER }]);
  });

  it("costs what the chain took, by the signature", () => {
    expect(readTransaction(transaction([]), "hash")).toMatchObject({ feeUnits: 10_600n, gasUsed: 2n, succeeded: true });
  });
});

it("names what left a wallet's account", () => {
  const paid = [
    { owner: PAYER, pre: "900", post: "300" },
    { owner: OWNER, pre: "100", post: "700" },
  ];
  expect(readOutflows(transaction(paid))).toEqual([{ token: MINT, from: PAYER, to: OWNER, amountUnits: 600n }]);
});
