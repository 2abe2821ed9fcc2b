import type { Database } from "../../../platform/database/pool.ts";
import type { AccountIndex, BlockReference, Chain } from "../chain.ts";
import type { ChainLogger } from "../logger.ts";
import { type DueWatch, listDueWatches, noteLooks, restartWatches, type WatchOutcome } from "./account-watch-store.ts";
import { moveCursor, readCursor } from "./cursor-store.ts";
import { storeTransfers } from "./observe-transfers.ts";

/** Addresses looked at in one pass: ten calls for what they hold. */
const LOOKS_PER_PASS = 1_000;

/** An address that holds tokens is read once a minute though its holdings look the same: out and in again may leave what was there. */
const READ_HOLDERS_SECONDS = 60;

/** What a fork may still take back is read again this often until it cannot. */
const READ_UNSETTLED_SECONDS = 5;

type Needs = {
  readonly database: Database;
  readonly chain: Chain;
  readonly accounts: AccountIndex;
  readonly logger: ChainLogger;
};

/** What a pass saw. `caughtUp` is false while more addresses are due. */
type AccountScan = {
  readonly head: number;
  readonly scannedTo: number;
  readonly observed: number;
  readonly caughtUp: boolean;
};

/**
 * One idempotent pass over the addresses that are due, on a chain whose nodes answer by account: asks what a hundred hold at once, and
 * reads the transactions of those that changed. Passes may run in parallel: both may read the same, and the row of a transfer is one.
 * A local chain that began anew (another first block) is read from its beginning.
 */
export async function scanAccounts(needs: Needs, input: { readonly head: BlockReference }): Promise<AccountScan> {
  const { database, accounts } = needs;
  await noticeNewChain(needs, input.head);
  const due = await listDueWatches(database, LOOKS_PER_PASS);
  const holdings = due.length === 0 ? [] : await accounts.readHoldings(due.map(({ address }) => address));
  let observed = 0;
  const outcomes: WatchOutcome[] = [];
  for (const [place, watch] of due.entries()) {
    const held = holdings[place] ?? "";
    if (!needsReading(watch, held)) {
      outcomes.push({ depositAddressId: watch.depositAddressId, holdings: held });
      continue;
    }
    observed += await readOne(needs, { watch, held });
  }
  await noteLooks(database, outcomes);
  const { number } = input.head;
  return { head: number, scannedTo: number, observed, caughtUp: due.length < LOOKS_PER_PASS };
}

/** Whether an address is read transaction by transaction: its holdings changed, or may have changed without looking so. Pure. */
export function needsReading(
  watch: Pick<DueWatch, "holdings" | "isSettled" | "readSecondsAgo">,
  held: string,
): boolean {
  if (held !== watch.holdings) return true;
  const age = watch.readSecondsAgo ?? Number.POSITIVE_INFINITY;
  if (!watch.isSettled) return age >= READ_UNSETTLED_SECONDS;
  const isHolder = held.split(",").some((units) => units !== "" && units !== "0");
  return isHolder && age >= READ_HOLDERS_SECONDS;
}

/** First what was found is stored, then that it was read: a crash in between reads it again. */
async function readOne(needs: Needs, input: { readonly watch: DueWatch; readonly held: string }): Promise<number> {
  const { watch, held } = input;
  const { address: owner, depositAddressId, cursor } = watch;
  const { transfers, ...read } = await needs.accounts.readArrivals({ owner, cursor });
  const observed = await storeTransfers(needs, { found: transfers, wallets: [] });
  await noteLooks(needs.database, [{ depositAddressId, holdings: held, read }]);
  return observed;
}

/** The cursor of such a chain is its newest block, under the hash of its first: so a chain that began anew is noticed. */
async function noticeNewChain(needs: Needs, head: BlockReference): Promise<void> {
  const { accounts, chain, database, logger } = needs;
  const { id } = chain.network;
  const genesis = await accounts.readGenesis();
  const cursor = await readCursor(database, id);
  if (cursor !== undefined && cursor.scannedHash !== genesis) {
    logger.warn({ chain: id, genesis }, "The chain began anew: what was on the old one is gone");
    await restartWatches(database);
  }
  const scanned = { number: head.number, hash: genesis };
  await moveCursor(database, { chain: id, from: cursor, scanned, head: head.number });
}
