import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { lockDepositAddress } from "../addresses/deposit-address-store.ts";
import type { Chain } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import type { ChainLogger } from "../logger.ts";
import { storeObserved } from "./deposit-store.ts";
import { worthOf } from "./deposit-value.ts";
import { placeInTransactions } from "./observe-transfers.ts";
import {
  claimOddLook,
  countUnknown,
  type DueAddress,
  listDueAddresses,
  markLooked,
  sumKnownCoin,
} from "./odd-coin-store.ts";

/** How often a chain is looked at, and each address of those; how many at once, and how many blocks back at most. */
const CHAIN_EVERY_SECONDS = 15;
const ADDRESS_EVERY_SECONDS = 60;
const ADDRESSES_PER_LOOK = 20;
const LONGEST_RANGE_BLOCKS = 2_000;
/** Strangers may send thousands of worthless tokens; so many are written down for an address. */
const UNKNOWN_PER_ADDRESS = 20;
/** Coin worth less than a cent is left until it is more. */
const LEAST_COIN_NANODOLLARS = 10_000_000n;

type Needs = { readonly database: Database; readonly chain: Chain; readonly logger: ChainLogger };

/**
 * Looks for what nobody was asked to send: tokens this chain does not list, and its native coin. Seldom, at the newest addresses, and only in
 * blocks deep enough for any amount; `depositAddressId` looks at that address now. Never fails because of the node: the next look goes on where
 * this one did not come. Returns how many deposits are new.
 */
export async function observeOddCoins(
  needs: Needs,
  input: { readonly head: number; readonly depositAddressId?: string },
): Promise<number> {
  const { database, chain } = needs;
  const { id, kind, confirmations } = chain.network;
  if (chain.readAnyTransfers === undefined) return 0;
  const only = input.depositAddressId === undefined ? {} : { depositAddressId: input.depositAddressId };
  const seconds = CHAIN_EVERY_SECONDS;
  if (input.depositAddressId === undefined && !(await claimOddLook(database, { chain: id, seconds }))) return 0;
  const every = input.depositAddressId === undefined ? ADDRESS_EVERY_SECONDS : CHAIN_EVERY_SECONDS;
  const due = await listDueAddresses(database, { chain: id, kind, seconds: every, limit: ADDRESSES_PER_LOOK, ...only });
  const block = input.head - (confirmations.at(-1)?.blocks ?? 1) + 1;
  if (due.length === 0 || block < 1) return 0;
  try {
    const found = (await observeUnknownTokens(needs, { due, block })) + (await observeCoins(needs, { due, block }));
    await markLooked(database, { chain: id, ids: due.map((address) => address.id), lookedTo: block });
    return found;
  } catch (error) {
    if (!(error instanceof RpcUnavailable || error instanceof ChainIdMismatch)) throw error;
    needs.logger.warn({ chain: id, code: error.code }, "Addresses could not be searched for odd coins");
    return 0;
  }
}

type Look = { readonly due: readonly DueAddress[]; readonly block: number };

async function observeUnknownTokens(needs: Needs, { due, block }: Look): Promise<number> {
  const { database, chain } = needs;
  const { id, blockTimeSeconds, reorgWindowBlocks, tokens } = chain.network;
  const known = new Set(tokens.map(({ address }) => address));
  const counts = await countUnknown(database, { chain: id, ids: due.map((address) => address.id) });
  const open = due.filter((address) => (counts.get(address.id) ?? 0) < UNKNOWN_PER_ADDRESS);
  if (open.length === 0) return 0;
  const blocksOf = (seconds: number) => reorgWindowBlocks + Math.ceil((2 * seconds) / blockTimeSeconds);
  const since = open.map(({ lookedTo, ageSeconds }) => lookedTo ?? block - blocksOf(ageSeconds));
  const fromBlock = Math.max(0, block - LONGEST_RANGE_BLOCKS, Math.min(...since) + 1);
  const recipients = open.map(({ address }) => address);
  const found = (await chain.readAnyTransfers?.({ fromBlock, toBlock: block, recipients })) ?? [];
  const byAddress = new Map(open.map((address) => [address.address, address.id]));
  const odd = found.filter(({ token, to }) => !known.has(token) && byAddress.has(to));
  const placed = await placeInTransactions(chain, odd.slice(0, UNKNOWN_PER_ADDRESS));
  const account = accounts.suspense("unknown-token");
  const transfers = placed.flatMap((transfer) => {
    const depositAddressId = byAddress.get(transfer.to);
    return depositAddressId === undefined
      ? []
      : [{ ...transfer, depositAddressId, account, kind: "unknown_token" as const }];
  });
  return storeObserved(database, { chain: id, transfers });
}

async function observeCoins(needs: Needs, { due, block }: Look): Promise<number> {
  const balances = await Promise.all(
    due.map(async (address) => ({
      address,
      units: await needs.chain.readNativeBalance(address.address, { atBlock: block }),
    })),
  );
  let found = 0;
  for (const { address, units } of balances.filter((balance) => balance.units > 0n)) {
    found += await storeCoin(needs, { address, units, block });
  }
  return found;
}

/**
 * What an address holds more than we know of is a deposit of native coin. No log names its transaction or sender, so it is known by the address and
 * the block it was found in. One caller at a time per address.
 */
async function storeCoin(
  needs: Needs,
  input: { readonly address: DueAddress; readonly units: bigint; readonly block: number },
): Promise<number> {
  const { chain, database } = needs;
  const { address, units, block } = input;
  const { id, nativeSymbol } = chain.network;
  const hash = await chain.readBlockHash(block);
  if (hash === undefined) return 0;
  return database.transaction(async (transaction) => {
    await lockDepositAddress(transaction, address.id);
    const place = { chain: id, depositAddressId: address.id, address: address.address, block };
    const known = await sumKnownCoin(transaction, place);
    const amountUnits = known === undefined ? 0n : units - known;
    const coin = { kind: "native_coin", token: nativeSymbol, amountUnits } as const;
    if ((worthOf(chain.network, coin)?.amount ?? 0n) < LEAST_COIN_NANODOLLARS) return 0;
    const found = {
      ...coin,
      from: "",
      to: address.address,
      transactionHash: `coin:${address.address}:${block}`,
      position: 0,
      logIndex: 0,
      block: { number: block, hash },
      depositAddressId: address.id,
      account: accounts.suspense("native-coin"),
    };
    return storeObserved(transaction, { chain: id, transfers: [found] });
  });
}
