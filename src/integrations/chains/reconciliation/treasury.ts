import { accounts } from "../../../ledger/chart-of-accounts.ts";
import { ownerFundsOpened, ownerWithdrew } from "../../../ledger/postings/owner-funds.ts";
import { divide, tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import { NANODOLLARS_PER_DOLLAR, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, ChainToken, TokenTransfer } from "../chain.ts";
import { RpcUnavailable } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import {
  findOwnTransactions,
  listTreasuryWatches,
  moveTreasuryWatch,
  openTreasuryWatch,
  selectExpectedTreasury,
} from "./treasury-store.ts";

/** Blocks per log query. */
const RANGE_BLOCKS = 1_000;
/** Finer tokens lose parts of a nanodollar with every posting, so their treasury cannot be compared exactly and is not. */
const FINEST_DECIMALS = 9;

/** What looking at a treasury needs. */
export type TreasuryNeeds = { readonly database: Database; readonly ledger: LedgerWriter; readonly chain: Chain };

/** The treasury's wallets as one place: what they must hold after a block, what they do hold, and what is under way. Base units. */
export type TreasuryLook = {
  readonly expected: bigint;
  readonly found: bigint;
  readonly arriving: readonly bigint[];
  readonly leaving: readonly bigint[];
};

/**
 * Reads what the offramp wallets of a chain hold of a token and what the books expect, both after `block`. Tokens that left without us are
 * the owner's withdrawals: each is booked once, when its block is final, and counts as leaving until then. At the first look at a wallet
 * what is there beyond our sweeps is taken as the owner's. Undefined where it cannot be told: a chain whose outgoing transfers cannot be
 * read, a token finer than a nanodollar, or a first look while something is under way. Throws `RpcUnavailable`.
 */
export async function lookAtTreasury(
  needs: TreasuryNeeds,
  input: { readonly token: ChainToken; readonly wallets: readonly string[]; readonly block: number },
): Promise<TreasuryLook | undefined> {
  const { chain, database } = needs;
  const { token, block } = input;
  if (chain.readTransfersFrom === undefined || token.decimals > FINEST_DECIMALS) return undefined;
  const place = { chain: chain.network.id, token: token.address };
  const watched = await listTreasuryWatches(database, place);
  const wallets = [...new Set([...input.wallets, ...watched.map(({ wallet }) => wallet)])];
  const young: bigint[] = [];
  for (const watch of watched) young.push(...(await bookWithdrawals(needs, { ...watch, token, wallets, block })));
  const balances = wallets.map((owner) => chain.readTokenBalance({ token: token.address, owner, atBlock: block }));
  const found = (await Promise.all(balances)).reduce((sum, units) => sum + units, 0n);
  const account = accounts.treasury(chain.network.id, token.symbol);
  const booked = await selectExpectedTreasury(database, { ...place, block, account });
  const look = {
    expected: unitsOf(booked.ledger, token) - booked.later,
    found,
    arriving: booked.arriving,
    leaving: [...booked.leaving, ...young],
  };
  const fresh = wallets.filter((wallet) => !watched.some((watch) => watch.wallet === wallet));
  return fresh.length === 0 ? look : open(needs, { token, block, fresh, look });
}

/** Books what left a wallet without us in blocks that are final, and answers what left in younger ones. */
async function bookWithdrawals(
  needs: TreasuryNeeds,
  input: {
    readonly token: ChainToken;
    readonly wallet: string;
    readonly wallets: readonly string[];
    readonly scannedTo: number;
    readonly block: number;
  },
): Promise<readonly bigint[]> {
  const { chain } = needs;
  const { token, wallet, block } = input;
  const finalTo = Math.min(block, (await chain.readHead()).number - chain.network.finalityBlocks);
  const young: bigint[] = [];
  for (let fromBlock = input.scannedTo + 1; fromBlock <= block; fromBlock += RANGE_BLOCKS) {
    const toBlock = Math.min(fromBlock + RANGE_BLOCKS - 1, block);
    const left = await readForeign(needs, { ...input, fromBlock, toBlock });
    const isFinal = (transfer: TokenTransfer) => transfer.block.number <= finalTo;
    young.push(...left.filter((transfer) => !isFinal(transfer)).map(({ amountUnits }) => amountUnits));
    await book(needs, { token, wallet, transfers: left.filter(isFinal), scannedTo: Math.min(toBlock, finalTo) });
  }
  return young;
}

/** Transfers out of a wallet to somebody else, in transactions that are not ours, each with its place in its transaction. */
async function readForeign(
  needs: TreasuryNeeds,
  input: {
    readonly token: ChainToken;
    readonly wallet: string;
    readonly wallets: readonly string[];
    readonly fromBlock: number;
    readonly toBlock: number;
  },
) {
  const { chain, database } = needs;
  const { token, wallet, wallets, fromBlock, toBlock } = input;
  const range = { fromBlock, toBlock, tokens: [token.address], senders: [wallet] };
  const sent = (await chain.readTransfersFrom?.(range)) ?? [];
  const hashes = [...new Set(sent.map(({ transactionHash }) => transactionHash))];
  const own = await findOwnTransactions(database, { chain: chain.network.id, hashes });
  const foreign: (TokenTransfer & { readonly logIndex: number })[] = [];
  for (const hash of hashes.filter((candidate) => !own.has(candidate))) {
    const receipt = await chain.readReceipt(hash);
    if (receipt === undefined) throw new RpcUnavailable(chain.network.id, "a log has no receipt yet");
    foreign.push(
      ...receipt.transfers.filter(
        (transfer) => transfer.token === token.address && transfer.from === wallet && !wallets.includes(transfer.to),
      ),
    );
  }
  return foreign;
}

async function book(
  needs: TreasuryNeeds,
  input: {
    readonly token: ChainToken;
    readonly wallet: string;
    readonly transfers: readonly (TokenTransfer & { readonly logIndex: number })[];
    readonly scannedTo: number;
  },
): Promise<void> {
  const { token, wallet, transfers, scannedTo: block } = input;
  const { id: chain } = needs.chain.network;
  await needs.database.transaction(async (transaction) => {
    await moveTreasuryWatch(transaction, { chain, token: token.address, wallet, block });
    for (const { transactionHash: transactionId, logIndex, amountUnits } of transfers) {
      const amount = tokenUnitsToNanodollars(amountUnits, token.decimals, "exact");
      const draft = ownerWithdrew({ chain, token: token.symbol, transactionId, logIndex, amount });
      await needs.ledger.postIn(transaction, draft);
    }
  });
}

/** The first look at a wallet; only while nothing is under way, as else one could not tell whose the difference is. */
async function open(
  needs: TreasuryNeeds,
  input: {
    readonly token: ChainToken;
    readonly block: number;
    readonly fresh: readonly string[];
    readonly look: TreasuryLook;
  },
): Promise<TreasuryLook | undefined> {
  const { token, block, fresh, look } = input;
  const [first] = fresh;
  if (look.arriving.length > 0 || look.leaving.length > 0 || first === undefined) return undefined;
  const { id: chain } = needs.chain.network;
  const difference = look.found - look.expected;
  const size = tokenUnitsToNanodollars(difference < 0n ? -difference : difference, token.decimals, "exact");
  const isOpened = await needs.database.transaction(async (transaction) => {
    const opened: boolean[] = [];
    for (const wallet of fresh)
      opened.push(await openTreasuryWatch(transaction, { chain, token: token.address, wallet, block }));
    if (opened.includes(false)) return false;
    const amount = difference < 0n ? nanodollars(-size) : size;
    if (amount !== 0n)
      await needs.ledger.postIn(transaction, ownerFundsOpened({ chain, token: token.symbol, wallet: first, amount }));
    return true;
  });
  return isOpened ? { ...look, expected: look.found } : undefined;
}

function unitsOf(amount: bigint, token: ChainToken): bigint {
  const scaled = (amount < 0n ? -amount : amount) * 10n ** BigInt(token.decimals);
  const units = divide(scaled, NANODOLLARS_PER_DOLLAR, "down");
  return amount < 0n ? -units : units;
}
