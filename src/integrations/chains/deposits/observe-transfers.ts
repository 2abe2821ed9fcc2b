import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { type DepositAddress, listAddresses, matchDepositAddresses } from "../addresses/deposit-address-store.ts";
import { acceptedTokens, type Chain, type ChainNetwork, type TokenTransfer } from "../chain.ts";
import { RpcUnavailable } from "../errors.ts";
import { type FoundTransfer, storeObserved } from "./deposit-store.ts";

/** Up to this many addresses the log filter names them; above, every transfer of the token is read and matched in SQL. */
const FILTER_ADDRESSES = 100;

type Needs = {
  readonly database: Database;
  readonly chain: Chain;
  /** Wallets of ours that no customer is told to pay: the offramp and the gas tank. What strangers send there is looked after too. */
  readonly wallets?: readonly string[];
};

/**
 * Finds transfers of the chain's tokens to our addresses in a closed block range and stores them as observed. With `recipient`, only
 * that address is looked for. A token the address does not accept is stored for suspense, never left out. Repeating a range changes
 * nothing. Returns how many deposits are new or moved.
 */
export async function observeTransfers(
  needs: Needs,
  range: { readonly fromBlock: number; readonly toBlock: number; readonly recipient?: string },
): Promise<number> {
  const { chain } = needs;
  const tokens = chain.network.tokens.map(({ address }) => address);
  const wallets = range.recipient === undefined ? (needs.wallets ?? []) : [];
  const named = range.recipient === undefined ? await nameRecipients(needs, wallets) : [range.recipient];
  const { fromBlock, toBlock } = range;
  const found = await chain.readTransfers({
    fromBlock,
    toBlock,
    tokens,
    ...(named === undefined ? {} : { recipients: named }),
  });
  return storeTransfers(needs, { found, wallets });
}

/** Stores the transfers that are to us as observed, each by its place in its transaction. Returns how many are new or moved. */
export async function storeTransfers(
  needs: Needs,
  input: { readonly found: readonly TokenTransfer[]; readonly wallets: readonly string[] },
): Promise<number> {
  const { database, chain } = needs;
  const { found, wallets } = input;
  const { id, kind } = chain.network;
  const candidates = [...new Set(found.map(({ to }) => to))];
  const byAddress = new Map(
    (await matchDepositAddresses(database, { kind, candidates })).map((address) => [address.address, address]),
  );
  const strangers = await fromStrangers(
    needs,
    found.filter(({ to }) => wallets.includes(to)),
  );
  const placed = await placeInTransactions(chain, [...found.filter(({ to }) => byAddress.has(to)), ...strangers]);
  const wrong = accounts.suspense("wrong-address");
  const transfers = placed.flatMap((transfer): readonly FoundTransfer[] => {
    const owner = byAddress.get(transfer.to);
    if (owner !== undefined) {
      return [{ ...transfer, depositAddressId: owner.id, account: accountFor(chain.network, { transfer, owner }) }];
    }
    return wallets.includes(transfer.to) ? [{ ...transfer, depositAddressId: null, account: wrong }] : [];
  });
  return storeObserved(database, { chain: id, transfers });
}

/** Whose money a transfer is: the payer's when the address takes the token, else somebody's to be found out. */
function accountFor(
  network: ChainNetwork,
  input: { readonly transfer: TokenTransfer; readonly owner: DepositAddress },
): string {
  const { transfer, owner } = input;
  const token = acceptedTokens(network).find(({ address }) => address === transfer.token);
  const accepted = token !== undefined && (owner.accepts === null || owner.accepts.includes(token.symbol));
  return accepted ? owner.account : accounts.suspense("wrong-token");
}

/** Leaves out what comes from our own deposit addresses and wallets: sweeps, not deposits. */
async function fromStrangers(needs: Needs, transfers: readonly TokenTransfer[]): Promise<readonly TokenTransfer[]> {
  const { kind } = needs.chain.network;
  const candidates = [...new Set(transfers.map(({ from }) => from))];
  const ours = await matchDepositAddresses(needs.database, { kind, candidates });
  const own = new Set([...ours.map(({ address }) => address), ...(needs.wallets ?? [])]);
  return transfers.filter(({ from }) => !own.has(from));
}

/** Every address when they fit one filter, undefined when there are too many. */
async function nameRecipients(needs: Needs, wallets: readonly string[]) {
  const addresses = await listAddresses(needs.database, {
    kind: needs.chain.network.kind,
    limit: FILTER_ADDRESSES + 1,
  });
  return addresses.length > FILTER_ADDRESSES ? undefined : [...addresses, ...wallets];
}

/**
 * Replaces a log's place in its block, which a reorg may change, by its place in its transaction, which identifies the deposit
 * for good. One receipt per transaction of ours. A receipt that is missing stops the range: it is read again.
 */
export async function placeInTransactions(chain: Chain, transfers: readonly TokenTransfer[]) {
  const wanted = new Set(transfers.map(({ to, from, token }) => `${to} ${from} ${token}`));
  const placed: (TokenTransfer & { readonly logIndex: number })[] = [];
  for (const hash of new Set(transfers.map(({ transactionHash }) => transactionHash))) {
    const receipt = await chain.readReceipt(hash);
    // Of several providers one may make up a log: that must not stop the others. Blocks are read again, should it only be early.
    if (receipt === undefined && chain.witnesses === undefined) {
      throw new RpcUnavailable(chain.network.id, "a log has no receipt yet");
    }
    if (receipt?.succeeded !== true) continue;
    placed.push(...receipt.transfers.filter(({ to, from, token }) => wanted.has(`${to} ${from} ${token}`)));
  }
  return placed;
}
