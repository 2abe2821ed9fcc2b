import type { Database } from "../../../platform/database/pool.ts";
import { oldestAddressAgeSeconds } from "../addresses/deposit-address-store.ts";
import { readDepositAddress } from "../addresses/deposit-addresses.ts";
import type { Chain } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainLogger } from "../logger.ts";
import { type ConfirmationTally, confirmDeposits } from "./confirm-deposits.ts";
import { type ChainCursor, moveCursor, readCursor } from "./cursor-store.ts";
import { type Deposit, listDeposits } from "./deposit-store.ts";
import { observeTransfers } from "./observe-transfers.ts";
import { observeOddCoins } from "./odd-coins.ts";
import { type RecheckTally, recheckDeposits } from "./recheck-deposits.ts";
import { doubtEverything } from "./recheck-store.ts";
import { scanAccounts } from "./scan-accounts.ts";

/** Blocks per log query, and queries per pass: a pass is bounded, a long way behind is caught up over several. */
const RANGE_BLOCKS = 1_000;
const RANGES_PER_PASS = 20;
/** Re-read on every pass even without a reorg: nodes may index the logs of their newest blocks late. */
const OVERLAP_BLOCKS = 8;

/** What a pass needs. */
export type ScanNeeds = {
  readonly database: Database;
  readonly ledger: LedgerWriter;
  readonly chain: Chain;
  readonly logger: ChainLogger;
  /** Wallets of ours that no customer is told to pay; the API process does not know them. */
  readonly wallets?: readonly string[];
};

/** What one pass did. `caughtUp` is false while older blocks remain: scan again at once. */
export type ScanResult = ConfirmationTally &
  RecheckTally & {
    readonly head: number;
    readonly scannedTo: number;
    readonly observed: number;
    readonly caughtUp: boolean;
  };

/**
 * One idempotent pass over a chain: reads the blocks since the last pass (and behind it, after a reorg), stores transfers to
 * our addresses, credits those deep enough. Passes may overlap or run in parallel without doubling anything. Throws
 * `RpcUnavailable` or `ChainIdMismatch`, then what was done stays done and the next pass continues.
 */
export async function scanDeposits(
  needs: ScanNeeds,
  _input: Readonly<Record<string, never>> = {},
): Promise<ScanResult> {
  const { database, chain } = needs;
  const { id, reorgWindowBlocks } = chain.network;
  const head = await chain.readHead();
  if (chain.accounts !== undefined) {
    const seen = await scanAccounts({ ...needs, accounts: chain.accounts }, { head });
    return { ...seen, ...(await settle(needs, head.number)) };
  }
  let cursor = await readCursor(database, id);
  if (cursor !== undefined && head.number < cursor.scannedTo - reorgWindowBlocks) {
    throw new RpcUnavailable(
      id,
      `its newest block ${head.number} is far behind block ${cursor.scannedTo}, already read`,
    );
  }
  let fromBlock = await firstBlock(needs, { cursor, head: head.number });
  let observed = 0;
  for (let range = 0; range < RANGES_PER_PASS && fromBlock <= head.number; range += 1) {
    const toBlock = Math.min(fromBlock + RANGE_BLOCKS - 1, head.number);
    observed += await observeTransfers(needs, { fromBlock, toBlock });
    cursor = await advance(needs, { cursor, toBlock, head });
    fromBlock = toBlock + 1;
  }
  observed += await observeOddCoins(needs, { head: head.number });
  const tally = await settle(needs, head.number);
  return { ...tally, head: head.number, scannedTo: fromBlock - 1, observed, caughtUp: fromBlock > head.number };
}

/** Credits what is proven now, and looks again at what was credited and is not final. */
async function settle(needs: ScanNeeds, head: number): Promise<ConfirmationTally & RecheckTally> {
  const credited = await confirmDeposits(needs, { head });
  return { ...credited, ...(await recheckDeposits(needs, { head })) };
}

/** Every deposit of one address, oldest first, whatever its state. */
export async function readDeposits(
  database: Database,
  input: { readonly depositAddressId: string },
): Promise<readonly Deposit[]> {
  return listDeposits(database, input.depositAddressId);
}

/** An answer about one address. `chainSeen` is `unknown` when the node did not answer in time: absence then proves nothing. */
export type AddressObservation = { readonly chainSeen: "current" | "unknown"; readonly deposits: readonly Deposit[] };

/**
 * Looks at one address at once, for a customer who says "I have paid". Never fails because of the node: after
 * `timeoutMilliseconds` (2,000 unless told) it answers with what is known. Throws `DepositAddressNotFound`.
 */
export async function observeAddress(
  needs: ScanNeeds,
  input: { readonly depositAddressId: string; readonly timeoutMilliseconds?: number },
): Promise<AddressObservation> {
  const { depositAddressId } = input;
  const address = await readDepositAddress(needs.database, depositAddressId);
  const look = lookAtAddress(needs, { recipient: address.address, depositAddressId });
  const chainSeen = await Promise.race([look, giveUpAfter(input.timeoutMilliseconds ?? 2_000)]);
  return { chainSeen, deposits: await listDeposits(needs.database, depositAddressId) };
}

async function lookAtAddress(
  needs: ScanNeeds,
  input: { readonly recipient: string; readonly depositAddressId: string },
): Promise<"current" | "unknown"> {
  const { chain, database } = needs;
  try {
    const head = await chain.readHead();
    const cursor = await readCursor(database, chain.network.id);
    const scannedTo = Math.min(cursor?.scannedTo ?? 0, head.number) - chain.network.reorgWindowBlocks;
    const fromBlock = Math.max(0, scannedTo, head.number - RANGE_BLOCKS);
    await observeTransfers(needs, { fromBlock, toBlock: head.number, recipient: input.recipient });
    const { depositAddressId } = input;
    await confirmDeposits(needs, { head: head.number, depositAddressId });
    const odd = await observeOddCoins(needs, { head: head.number, depositAddressId });
    if (odd > 0) await confirmDeposits(needs, { head: head.number, depositAddressId });
    return "current";
  } catch (error) {
    if (!(error instanceof RpcUnavailable || error instanceof ChainIdMismatch)) throw error;
    needs.logger.warn({ chain: chain.network.id, code: error.code }, "A deposit address could not be looked at");
    return "unknown";
  }
}

/**
 * Where a pass starts: a little behind the cursor; without a cursor, before our first address. Once per window two windows behind it, so that
 * every block is read a second time when it is old and a node that left out logs of a new block loses us no deposit. After a reorg as far
 * behind as blocks can be replaced at all, and every deposit credited from them is looked at again.
 */
async function firstBlock(
  needs: ScanNeeds,
  input: { readonly cursor: ChainCursor | undefined; readonly head: number },
): Promise<number> {
  const { chain, database } = needs;
  const { id, blockTimeSeconds, finalityBlocks, kind, reorgWindowBlocks } = chain.network;
  if (input.cursor === undefined) {
    const age = (await oldestAddressAgeSeconds(database, kind)) ?? 0;
    return Math.max(0, input.head - reorgWindowBlocks - Math.ceil((age * 2) / blockTimeSeconds));
  }
  const { scannedTo, scannedHash } = input.cursor;
  const hash = await chain.readBlockHash(scannedTo);
  const isNewWindow = Math.floor(input.head / reorgWindowBlocks) > Math.floor(scannedTo / reorgWindowBlocks);
  const isReorg = hash !== scannedHash;
  if (isReorg) await doubtEverything(database, id);
  const window = isReorg ? Math.max(2 * reorgWindowBlocks, finalityBlocks) : 2 * reorgWindowBlocks;
  const behind = isReorg || isNewWindow ? window : OVERLAP_BLOCKS;
  return Math.max(0, Math.min(scannedTo, input.head) + 1 - behind);
}

async function advance(
  needs: ScanNeeds,
  input: {
    readonly cursor: ChainCursor | undefined;
    readonly toBlock: number;
    readonly head: { readonly number: number; readonly hash: string };
  },
): Promise<ChainCursor> {
  const { toBlock, head } = input;
  const { id } = needs.chain.network;
  const hash = toBlock === head.number ? head.hash : ((await needs.chain.readBlockHash(toBlock)) ?? "");
  await moveCursor(needs.database, {
    chain: id,
    from: input.cursor,
    scanned: { number: toBlock, hash },
    head: head.number,
  });
  return { scannedTo: toBlock, scannedHash: hash, head: head.number, scannedAt: new Date() };
}

async function giveUpAfter(milliseconds: number): Promise<"unknown"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("unknown"), milliseconds).unref();
  });
}
