import { divide } from "../../../money/conversions.ts";
import { NANODOLLARS_PER_DOLLAR } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { raiseAlert } from "../../../platform/operator-alert-store.ts";
import type { Chain, ChainToken, TokenTransfer } from "../chain.ts";
import {
  findSettlementWatch,
  type IncomingTransaction,
  keepIncoming,
  listIncoming,
  markTold,
  type SettlementWatch,
} from "./settlement-store.ts";
import type { TreasuryLook } from "./treasury.ts";
import { isExplained } from "./under-way.ts";

/** Blocks per log query. */
const RANGE_BLOCKS = 1_000;
/** Finer tokens lose parts of a nanodollar with every posting, so they cannot be compared exactly and are not. */
const FINEST_DECIMALS = 9;
const NAMED_IN_ALERT = 5;

/** What the books say a settlement wallet holds now, in nanodollars; what may be there besides, or not any more, in base units. */
export type SettlementBooks = {
  readonly ledger: bigint;
  readonly arriving: readonly bigint[];
  readonly leaving: readonly bigint[];
};

/** A settlement wallet and whoever sells into it: what its books say, and how much of each transaction its payments account for. */
export type Settlement = {
  readonly wallet: string;
  readonly readBooks: (place: { readonly network: string; readonly token: string }) => Promise<SettlementBooks>;
  readonly findClaimed: (question: {
    readonly network: string;
    readonly token: string;
    readonly transactions: readonly string[];
  }) => Promise<ReadonlyMap<string, bigint>>;
};

type Needs = { readonly database: Database; readonly chain: Chain; readonly settlement: Settlement };

/** {@link TreasuryLook} of a settlement wallet; `foreign` of what is expected is no payment of ours. */
export type SettlementLook = TreasuryLook & { readonly foreign: bigint };

/**
 * Reads what the settlement wallet holds of a token after `block` and what it must: what the books say, and what others sent to it that no
 * payment claims, each transaction kept apart once its block is final. Operators are told of those that nobody claimed within an hour.
 * Undefined where it cannot be told: a token finer than a nanodollar, or a first look while something is under way. Throws `RpcUnavailable`.
 */
export async function lookAtSettlement(
  needs: Needs,
  input: { readonly token: ChainToken; readonly name: string; readonly block: number },
): Promise<SettlementLook | undefined> {
  const { chain, database, settlement } = needs;
  const { token, block } = input;
  if (token.decimals > FINEST_DECIMALS) return undefined;
  const place = { chain: chain.network.id, token: token.address, wallet: settlement.wallet };
  const known = await findSettlementWatch(database, place);
  const isFirst = known === undefined && chain.accounts === undefined;
  const watch = known ?? { scannedTo: isFirst ? block : 0, cursor: {} };
  const young = isFirst ? [] : await readIncoming(needs, { token, block, watch });
  const books = await settlement.readBooks({ network: chain.network.id, token: token.symbol });
  const found = await chain.readTokenBalance({ token: token.address, owner: settlement.wallet, atBlock: block });
  const kept = await unclaimed(needs, { token, incoming: await listIncoming(database, place) });
  await tell(needs, { ...input, kept });
  const foreign = kept.reduce((sum, { units }) => sum + units, 0n);
  const arriving = [...books.arriving, ...young.map(({ units }) => units)];
  const look = { expected: unitsOf(books.ledger, token) + foreign, found, arriving, leaving: books.leaving, foreign };
  return isFirst ? open(needs, { ...place, watch, look }) : look;
}

/** Reads on, keeps what is final and of no payment, and answers what is younger. */
async function readIncoming(
  needs: Needs,
  input: { readonly token: ChainToken; readonly block: number; readonly watch: SettlementWatch },
): Promise<readonly IncomingTransaction[]> {
  const { chain, database, settlement } = needs;
  const { token, block } = input;
  // Where accounts are read, the cursor passes what the node calls final, whatever its depth: all is kept at once.
  const finalTo = chain.accounts === undefined ? block - chain.network.finalityBlocks : block;
  let watch = input.watch;
  const young: IncomingTransaction[] = [];
  for (;;) {
    const page = await readPage(needs, { token, block, watch });
    const incoming = await unclaimed(needs, { token, incoming: byTransaction(page.transfers) });
    young.push(...incoming.filter((each) => each.block > finalTo));
    const final = incoming.filter((each) => each.block <= finalTo);
    const next = { cursor: page.cursor, scannedTo: Math.max(watch.scannedTo, Math.min(page.readTo, finalTo)) };
    const place = { chain: chain.network.id, token: token.address, wallet: settlement.wallet };
    await keepIncoming(database, { ...place, watch: next, incoming: final });
    if (page.isLast) return young;
    watch = { ...next, scannedTo: page.readTo };
  }
}

type Page = {
  readonly transfers: readonly TokenTransfer[];
  readonly cursor: Readonly<Record<string, string>>;
  readonly readTo: number;
  readonly isLast: boolean;
};

async function readPage(
  { chain, settlement }: Needs,
  input: { readonly token: ChainToken; readonly block: number; readonly watch: SettlementWatch },
): Promise<Page> {
  const { token, block, watch } = input;
  const { wallet } = settlement;
  if (chain.accounts !== undefined) {
    const read = await chain.accounts.readArrivals({ owner: wallet, cursor: watch.cursor });
    const isSame = JSON.stringify(read.cursor) === JSON.stringify(watch.cursor);
    const transfers = read.transfers.filter((each) => each.token === token.address && each.block.number <= block);
    return { transfers, cursor: read.cursor, readTo: block, isLast: read.isSettled || isSame };
  }
  const readTo = Math.min(watch.scannedTo + RANGE_BLOCKS, block);
  const range = { fromBlock: watch.scannedTo + 1, toBlock: readTo, tokens: [token.address], recipients: [wallet] };
  const transfers = await chain.readTransfers(range);
  return { transfers, cursor: {}, readTo, isLast: readTo >= block };
}

function byTransaction(transfers: readonly TokenTransfer[]): readonly IncomingTransaction[] {
  const found = new Map<string, IncomingTransaction>();
  for (const { transactionHash: transaction, amountUnits, block } of transfers) {
    const units = (found.get(transaction)?.units ?? 0n) + amountUnits;
    found.set(transaction, { transaction, units, block: block.number });
  }
  return [...found.values()];
}

/** What payments do not account for; the units that are left. */
async function unclaimed<Incoming extends IncomingTransaction>(
  { chain, settlement }: Needs,
  { token, incoming }: { readonly token: ChainToken; readonly incoming: readonly Incoming[] },
): Promise<readonly Incoming[]> {
  if (incoming.length === 0) return [];
  const transactions = incoming.map(({ transaction }) => transaction);
  const question = { network: chain.network.id, token: token.symbol, transactions };
  const claimed = await settlement.findClaimed(question);
  return incoming
    .map((each) => ({ ...each, units: each.units - (claimed.get(each.transaction) ?? 0n) }))
    .filter(({ units }) => units > 0n);
}

/** Once for each transaction, after an hour: a payment that was made before it is claimed is no stranger's. */
async function tell(
  { database, chain, settlement }: Needs,
  input: {
    readonly name: string;
    readonly token: ChainToken;
    readonly kept: Awaited<ReturnType<typeof listIncoming>>;
  },
): Promise<void> {
  const untold = input.kept.filter(({ isOld, isTold }) => isOld && !isTold);
  const [first] = untold;
  if (first === undefined) return;
  const { wallet } = settlement;
  const units = untold.reduce((sum, each) => sum + each.units, 0n);
  const named = untold.slice(0, NAMED_IN_ALERT).map(({ transaction }) => transaction);
  const more = untold.length > named.length ? ` and ${untold.length - named.length} more` : "";
  const text = `${input.name}: ${units} base units reached the settlement wallet ${wallet} that are no payment of ours, in ${named.join(", ")}${more}. They are not in the books.`;
  await database.transaction(async (transaction) => {
    const subject = `settlement-wallet/${input.name}/${first.transaction}`;
    await raiseAlert(transaction, { subject, code: "foreign_deposit", text });
    const place = { chain: chain.network.id, token: input.token.address, wallet };
    await markTold(transaction, { ...place, transactions: untold.map((each) => each.transaction) });
  });
}

/** The first look: what is there beyond the books came from others; with anything under way one could not tell how much that is. */
async function open(
  { database }: Needs,
  input: {
    readonly chain: string;
    readonly token: string;
    readonly wallet: string;
    readonly watch: SettlementWatch;
    readonly look: SettlementLook;
  },
): Promise<SettlementLook | undefined> {
  const { look, watch, ...place } = input;
  const difference = look.found - look.expected;
  if (difference <= 0n || isExplained({ ...look, difference })) {
    await keepIncoming(database, { ...place, watch, incoming: [] });
    return look;
  }
  if (look.arriving.length + look.leaving.length > 0) return undefined;
  const before = { transaction: `before block ${watch.scannedTo}`, units: difference, block: watch.scannedTo };
  await keepIncoming(database, { ...place, watch, incoming: [before] });
  return { ...look, expected: look.found, foreign: look.foreign + difference };
}

/** Exact: a token this coarse has no part of a base unit in a nanodollar. */
function unitsOf(amount: bigint, token: ChainToken): bigint {
  const scaled = (amount < 0n ? -amount : amount) * 10n ** BigInt(token.decimals);
  const units = divide(scaled, NANODOLLARS_PER_DOLLAR, "down");
  return amount < 0n ? -units : units;
}
