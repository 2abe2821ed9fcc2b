import { setTimeout as sleep } from "node:timers/promises";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, ChainToken } from "../chain.ts";
import { readCursor } from "../deposits/cursor-store.ts";
import { RpcUnavailable } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import {
  type ChainDrift,
  type ChainReconciliation,
  compareBooks,
  type ExpectedPlace,
  listExpected,
} from "./reconciliation-store.ts";
import { lookAtSettlement, type Settlement } from "./settlement-wallet.ts";
import { lookAtTreasury, type TreasuryLook } from "./treasury.ts";
import { isExplained } from "./under-way.ts";

const PAGE = 200;
const AT_ONCE = 8;
/** A difference is believed when it is still there after this many more looks, each at a newer block. */
const SECOND_LOOKS = 2;

/** What a comparison needs. */
export type ReconcileNeeds = {
  readonly database: Database;
  readonly chain: Chain;
  /** Where the offramp wallets are watched: who books what the owner moved, and which they are. */
  readonly treasury?: { readonly ledger: LedgerWriter; readonly wallets: readonly string[] } | undefined;
  /** Where payments are taken in custody: the settlement wallet and its books. */
  readonly settlement?: Settlement | undefined;
};

/** How far a comparison of one token has come, as plain JSON: a worker that dies leaves it for the next. */
export type ReconcileProgress = {
  readonly after: string;
  readonly places: number;
  readonly expected: string;
  readonly found: string;
  readonly suspects: readonly string[];
};

/** Where a comparison begins. */
const NOTHING_COMPARED: ReconcileProgress = { after: "", places: 0, expected: "0", found: "0", suspects: [] };

/**
 * Compares every deposit address that ever received a token with the books, and the books' rows with the ledger. Each page of addresses
 * is read at one block that the scanner has passed, and compared with what the books say of that block; what is under way may be on
 * either side. A difference counts as drift only when second looks at newer blocks find it too, so neither load nor a reorg raises a
 * false alarm. Undefined before the chain was ever scanned. Throws `RpcUnavailable` and `ChainIdMismatch`.
 */
export async function reconcileToken(
  needs: ReconcileNeeds,
  input: {
    readonly token: ChainToken;
    readonly from?: ReconcileProgress;
    readonly onProgress?: (progress: ReconcileProgress) => void;
    /** Between two looks at the same difference; two blocks unless told. */
    readonly pauseMilliseconds?: number;
  },
): Promise<ChainReconciliation | undefined> {
  const { chain, database } = needs;
  if ((await readCursor(database, chain.network.id)) === undefined) return undefined;
  const compared = await compareAll(needs, input);
  const { pauseMilliseconds = chain.network.blockTimeSeconds * 2_000 } = input;
  let suspects = compared.suspects;
  let looked: Looked = { block: compared.block, unsettled: false, unexplained: [] };
  for (let look = 0; look < SECOND_LOOKS && suspects.length > 0; look += 1) {
    await sleep(pauseMilliseconds);
    looked = await lookAgain(needs, { token: input.token, suspects });
    suspects = looked.unexplained.map(({ place }) => place.depositAddressId);
  }
  const treasury = await compareTreasury(needs, { token: input.token, pauseMilliseconds });
  const { drifts, foreign } = await compareSettlement(needs, { token: input.token, pauseMilliseconds });
  return conclude(needs, { token: input.token, compared, looked, wallets: [...treasury, ...drifts], foreign });
}

type Compared = ReconcileProgress & { readonly block: number };
type Seen = { readonly place: ExpectedPlace; readonly found: bigint };
type Looked = { readonly block: number; readonly unsettled: boolean; readonly unexplained: readonly Seen[] };

async function compareAll(needs: ReconcileNeeds, input: Parameters<typeof reconcileToken>[1]): Promise<Compared> {
  let progress = input.from ?? NOTHING_COMPARED;
  for (;;) {
    const page = await lookAt(needs, { token: input.token, after: progress.after });
    const suspects = page.seen.filter((seen) => page.moved || !explains(seen));
    progress = {
      after: page.seen.at(-1)?.place.depositAddressId ?? progress.after,
      places: progress.places + page.seen.length,
      expected: page.seen.reduce((sum, { place }) => sum + place.units, BigInt(progress.expected)).toString(),
      found: page.seen.reduce((sum, { found }) => sum + found, BigInt(progress.found)).toString(),
      suspects: [...progress.suspects, ...suspects.map(({ place }) => place.depositAddressId)],
    };
    input.onProgress?.(progress);
    if (page.seen.length < PAGE) return { ...progress, block: page.block };
  }
}

async function lookAgain(
  needs: ReconcileNeeds,
  input: { readonly token: ChainToken; readonly suspects: readonly string[] },
): Promise<Looked> {
  const unexplained: Seen[] = [];
  let block = 0;
  let unsettled = false;
  for (let start = 0; start < input.suspects.length; start += PAGE) {
    const only = input.suspects.slice(start, start + PAGE);
    const page = await lookAt(needs, { token: input.token, after: "", only });
    unexplained.push(...page.seen.filter((seen) => !explains(seen)));
    block = page.block;
    unsettled ||= page.moved;
  }
  return { block, unsettled, unexplained };
}

/** One page of places and what they hold, all at one block; `moved` when that block was replaced in the meantime. */
async function lookAt(
  needs: ReconcileNeeds,
  input: { readonly token: ChainToken; readonly after: string; readonly only?: readonly string[] },
) {
  const { chain, database } = needs;
  const { id } = chain.network;
  const block = await comparableBlock(needs);
  const hash = await chain.readBlockHash(block);
  const { token, ...range } = input;
  const places = await listExpected(database, { chain: id, token: token.address, block, limit: PAGE, ...range });
  const seen: Seen[] = [];
  for (let start = 0; start < places.length; start += AT_ONCE) {
    const read = places.slice(start, start + AT_ONCE).map(async (place) => {
      const question = { token: token.address, owner: place.address, atBlock: block };
      return { place, found: await chain.readTokenBalance(question) };
    });
    seen.push(...(await Promise.all(read)));
  }
  return { block, seen, moved: (await chain.readBlockHash(block)) !== hash };
}

/** The treasury's drift, believed like any other only at a second look; nothing where it is not watched or holds what it must. */
async function compareTreasury(
  needs: ReconcileNeeds,
  input: { readonly token: ChainToken; readonly pauseMilliseconds: number },
): Promise<readonly ChainDrift[]> {
  const { chain, database, treasury } = needs;
  if (treasury === undefined) return [];
  const { wallets, ledger } = treasury;
  const { token } = input;
  return believeDrift(needs, {
    ...input,
    place: `treasury ${wallets.join("+")}`,
    readBlock: () => comparableBlock(needs),
    look: (block) => lookAtTreasury({ database, chain, ledger }, { token, wallets, block }),
  });
}

/** The same for the settlement wallet, and what strangers sent to it. Its payments are read when they are made: no scanner is waited for. */
async function compareSettlement(
  needs: ReconcileNeeds,
  input: { readonly token: ChainToken; readonly pauseMilliseconds: number },
): Promise<{ readonly drifts: readonly ChainDrift[]; readonly foreign: bigint }> {
  const { chain, database, settlement } = needs;
  if (settlement === undefined) return { drifts: [], foreign: 0n };
  const { token } = input;
  const name = `${chain.network.shortName}/${token.symbol}`;
  let foreign = 0n;
  const drifts = await believeDrift(needs, {
    ...input,
    place: `settlement wallet ${settlement.wallet}`,
    readBlock: async () => (await chain.readHead()).number,
    look: async (block) => {
      const seen = await lookAtSettlement({ database, chain, settlement }, { token, name, block });
      foreign = seen?.foreign ?? 0n;
      return seen;
    },
  });
  return { drifts, foreign };
}

async function believeDrift(
  { chain }: ReconcileNeeds,
  input: {
    readonly place: string;
    readonly pauseMilliseconds: number;
    readonly readBlock: () => Promise<number>;
    readonly look: (block: number) => Promise<TreasuryLook | undefined>;
  },
): Promise<readonly ChainDrift[]> {
  for (let look = 0; ; look += 1) {
    const block = await input.readBlock();
    const hash = await chain.readBlockHash(block);
    const seen = await input.look(block);
    if (seen === undefined || isExplained({ ...seen, difference: seen.found - seen.expected })) return [];
    const isSettled = (await chain.readBlockHash(block)) === hash;
    const { expected, found } = seen;
    if (look >= SECOND_LOOKS) return isSettled ? [{ place: input.place, unit: "base_units", expected, found }] : [];
    await sleep(input.pauseMilliseconds);
  }
}

/** The newest block that both the node knows and the scanner has read: nothing in it is unknown to the books. */
async function comparableBlock({ chain, database }: ReconcileNeeds): Promise<number> {
  const head = await chain.readHead();
  const cursor = await readCursor(database, chain.network.id);
  if (cursor === undefined) throw new RpcUnavailable(chain.network.id, "it was not scanned yet");
  return Math.min(head.number, cursor.scannedTo);
}

function explains({ place, found }: Seen): boolean {
  return isExplained({ ...place, difference: found - place.units });
}

async function conclude(
  needs: ReconcileNeeds,
  input: {
    readonly token: ChainToken;
    readonly compared: Compared;
    readonly looked: Looked;
    readonly wallets: readonly ChainDrift[];
    readonly foreign: bigint;
  },
): Promise<ChainReconciliation> {
  const { compared, looked, token } = input;
  const { id } = needs.chain.network;
  const names = [accounts.depositWallet(id, token.symbol), accounts.sweepInTransit(id, token.symbol)];
  const books = await compareBooks(needs.database, {
    chain: id,
    token: token.address,
    decimals: token.decimals,
    accounts: names,
  });
  const drifts: ChainDrift[] = looked.unexplained.map(({ place, found }) => ({
    place: place.address,
    unit: "base_units",
    expected: place.units,
    found,
  }));
  drifts.push(...input.wallets);
  if (books.rows !== books.ledger)
    drifts.push({ place: names[0] ?? "", unit: "nanodollars", expected: books.rows, found: books.ledger });
  const verdict = drifts.length > 0 ? "drift" : "sound";
  const isDrift = verdict === "drift" && !looked.unsettled;
  return {
    chain: id,
    token: token.symbol,
    blockNumber: looked.block,
    status: looked.unsettled ? "unsettled" : verdict,
    places: compared.places,
    expectedUnits: BigInt(compared.expected),
    foundUnits: BigInt(compared.found),
    foreignUnits: input.foreign,
    underWayUnits: BigInt(compared.found) - BigInt(compared.expected),
    ledgerNanodollars: books.ledger,
    driftUnits: isDrift ? drifts.reduce((sum, drift) => sum + inUnits(drift, token.decimals), 0n) : 0n,
    drifts: isDrift ? drifts : [],
  };
}

/** The size of a drift in base units; of nanodollars rounded up, so that no drift is told as nothing. */
function inUnits(drift: ChainDrift, decimals: number): bigint {
  const size = drift.found > drift.expected ? drift.found - drift.expected : drift.expected - drift.found;
  if (drift.unit === "base_units") return size;
  const scaled = size * 10n ** BigInt(decimals);
  return (scaled + 10n ** 9n - 1n) / 10n ** 9n;
}
