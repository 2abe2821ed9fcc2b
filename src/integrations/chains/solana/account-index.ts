import type { z } from "zod";
import type { AccountIndex, TokenTransfer } from "../chain.ts";
import { RpcUnavailable } from "../errors.ts";
import { readShape } from "../evm/rpc-shapes.ts";
import type { SolanaNode } from "./node.ts";
import { AccountsShape, Count, SignaturesShape, TransactionShape } from "./rpc-shapes.ts";
import { readTokenHolding, TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";
import { readBalanceAfter, readOutflows, readTransaction } from "./token-transfers.ts";

/** What a node takes in one `getMultipleAccounts`. */
const ACCOUNTS_PER_CALL = 100;
/** What a node gives in one `getSignaturesForAddress`. */
const SIGNATURES_PER_PAGE = 1_000;
/** Transactions read in one look at one owner; more are read by the next looks, so a flood of dust holds up nobody else. */
const TRANSACTIONS_PER_LOOK = 100;

type Transaction = z.output<typeof TransactionShape>;

/** Answers by account: who holds how much, and what came and went since a transaction that was read before. */
export function indexAccounts(node: SolanaNode): AccountIndex {
  const tokens = node.network.tokens.map(({ address }) => address);
  return {
    readGenesis: () => node.verify("lately"),
    readHoldings: (owners) => readHoldings(node, owners, tokens),
    readArrivals: async ({ owner, cursor }) => {
      const found: TokenTransfer[] = [];
      const next: Record<string, string> = {};
      let isSettled = true;
      const final = await node.ask(Count, "getSlot", [{ commitment: "finalized" }]);
      for (const mint of tokens) {
        const account = tokenAccountOf({ owner, mint });
        const page = await readSince(node, { account, until: cursor[account] });
        // What a fork may still take back is read again until it cannot.
        const known = page.read.filter(({ slot }) => slot <= final).at(-1)?.signature ?? cursor[account];
        if (known !== undefined) next[account] = known;
        isSettled = isSettled && page.isWhole && page.read.every(({ slot }) => slot <= final);
        found.push(...arrivalsOf(page.transactions, { owner, mint }));
      }
      return { transfers: found, cursor: next, isSettled };
    },
    readRecent: async ({ owner, sinceBlock }) => {
      const found: TokenTransfer[] = [];
      for (const mint of tokens) {
        const { transactions } = await readSince(node, { account: tokenAccountOf({ owner, mint }), sinceBlock });
        found.push(...arrivalsOf(transactions, { owner, mint }));
      }
      return found;
    },
    readSent: async ({ owner, token, sinceBlock }) => {
      const { transactions } = await readSince(node, { account: tokenAccountOf({ owner, mint: token }), sinceBlock });
      return transactions.flatMap((transaction) =>
        readOutflows(transaction)
          .filter((outflow) => outflow.from === owner && outflow.token === token)
          .map(({ amountUnits, to }) => ({
            to,
            transactionHash: transaction.transaction.signatures[0] ?? "",
            amountUnits,
          })),
      );
    },
  };
}

/** A transaction by its signature; undefined while it is in no confirmed block. */
export async function readRaw(node: SolanaNode, signature: string): Promise<Transaction | undefined> {
  const options = { encoding: "json", maxSupportedTransactionVersion: 0, commitment: "confirmed" };
  const answer = await node.request("getTransaction", [signature, options]);
  if ("refused" in answer)
    throw new RpcUnavailable(node.network.id, `getTransaction refused, error ${answer.refused.code}`);
  return answer.result === null ? undefined : readShape(node.network.id, TransactionShape, answer.result);
}

/**
 * What a token account held at the end of a slot: as its newest transaction up to there left it. Nodes keep no balances of earlier
 * blocks, but every transaction says what it left behind.
 */
export async function readBalanceAt(
  node: SolanaNode,
  { account, slot }: { readonly account: string; readonly slot: number },
): Promise<bigint> {
  for (let before: string | undefined; ; ) {
    const options = {
      limit: SIGNATURES_PER_PAGE,
      commitment: "confirmed",
      ...(before === undefined ? {} : { before }),
    };
    const page = await node.ask(SignaturesShape, "getSignaturesForAddress", [account, options]);
    const last = page.find((candidate) => candidate.slot <= slot && isSuccess(candidate));
    if (last !== undefined) {
      const transaction = await readRaw(node, last.signature);
      if (transaction === undefined) throw new RpcUnavailable(node.network.id, "a signature has no transaction yet");
      return readBalanceAfter(transaction, account);
    }
    if (page.length < SIGNATURES_PER_PAGE) return 0n;
    before = page.at(-1)?.signature;
  }
}

function isSuccess({ err }: { readonly err?: unknown }): boolean {
  return err === null || err === undefined;
}

/** Per owner a text that changes whenever what it holds of the tokens does; "" while it never held any. */
async function readHoldings(node: SolanaNode, owners: readonly string[], mints: readonly string[]) {
  const accounts = owners.flatMap((owner) => mints.map((mint) => tokenAccountOf({ owner, mint })));
  const units: string[] = [];
  for (let start = 0; start < accounts.length; start += ACCOUNTS_PER_CALL) {
    const batch = accounts.slice(start, start + ACCOUNTS_PER_CALL);
    const options = { encoding: "base64", commitment: "confirmed" };
    const { value } = await node.ask(AccountsShape, "getMultipleAccounts", [batch, options]);
    if (value.length !== batch.length) throw new RpcUnavailable(node.network.id, "accounts are missing in an answer");
    units.push(
      ...value.map((account) => {
        if (account === null || account.owner !== TOKEN_PROGRAM.toBase58()) return "";
        return readTokenHolding(Buffer.from(account.data[0], "base64"))?.units.toString() ?? "";
      }),
    );
  }
  return owners.map((_, place) => units.slice(place * mints.length, (place + 1) * mints.length).join(","));
}

/** The transactions of an account that succeeded, oldest first: those after `until`, or from a block on. */
async function readSince(
  node: SolanaNode,
  input: { readonly account: string; readonly until?: string | undefined; readonly sinceBlock?: number },
) {
  const signatures = await listSignatures(node, input);
  const due = signatures.slice(-TRANSACTIONS_PER_LOOK).reverse();
  const transactions: Transaction[] = [];
  for (const each of due.filter(isSuccess)) {
    const transaction = await readRaw(node, each.signature);
    if (transaction === undefined) throw new RpcUnavailable(node.network.id, "a signature has no transaction yet");
    transactions.push(transaction);
  }
  return { transactions, read: due, isWhole: due.length === signatures.length };
}

/** Newest first. Pages back until the known one, the block, or the account's beginning. */
async function listSignatures(
  node: SolanaNode,
  input: { readonly account: string; readonly until?: string | undefined; readonly sinceBlock?: number },
) {
  const { account, until, sinceBlock = 0 } = input;
  const all: z.output<typeof SignaturesShape> = [];
  for (;;) {
    const before = all.at(-1)?.signature;
    const options = {
      limit: SIGNATURES_PER_PAGE,
      commitment: "confirmed",
      ...(until === undefined ? {} : { until }),
      ...(before === undefined ? {} : { before }),
    };
    const page = await node.ask(SignaturesShape, "getSignaturesForAddress", [account, options]);
    all.push(...page.filter(({ slot }) => slot >= sinceBlock));
    if (page.length < SIGNATURES_PER_PAGE || page.some(({ slot }) => slot < sinceBlock)) return all;
  }
}

/** What a wallet's token account gained. The block's hash is left to the receipt, which every transfer is placed by. */
function arrivalsOf(
  transactions: readonly Transaction[],
  { owner, mint }: { readonly owner: string; readonly mint: string },
): readonly TokenTransfer[] {
  return transactions.flatMap((transaction) =>
    readTransaction(transaction, "").transfers.filter(({ to, token }) => to === owner && token === mint),
  );
}
