import type { Database } from "../../platform/database/pool.ts";
import { acceptedTokens, type Chain, type TokenTransfer } from "./chain.ts";
import { listAddresses, matchDepositAddresses } from "./deposit-address-store.ts";
import { storeObserved } from "./deposit-store.ts";
import { RpcUnavailable } from "./errors.ts";

/** Up to this many addresses the log filter names them; above, every transfer of the token is read and matched in SQL. */
const FILTER_ADDRESSES = 100;

/**
 * Finds transfers of accepted tokens to our addresses in a closed block range and stores them as observed. With `recipient`,
 * only that address is looked for. Repeating a range changes nothing. Returns how many deposits are new or moved.
 */
export async function observeTransfers(
  needs: { readonly database: Database; readonly chain: Chain },
  range: { readonly fromBlock: number; readonly toBlock: number; readonly recipient?: string },
): Promise<number> {
  const { database, chain } = needs;
  const { id, kind } = chain.network;
  const tokens = acceptedTokens(chain.network).map(({ address }) => address);
  const named = range.recipient === undefined ? await nameRecipients(needs) : [range.recipient];
  const { fromBlock, toBlock } = range;
  const found = await chain.readTransfers({
    fromBlock,
    toBlock,
    tokens,
    ...(named === undefined ? {} : { recipients: named }),
  });
  const candidates = [...new Set(found.map(({ to }) => to))];
  const ours = await matchDepositAddresses(database, { kind, candidates });
  const byAddress = new Map(ours.map((address) => [address.address, address]));
  const matched = found.filter(({ to }) => byAddress.has(to));
  const placed = await placeInTransactions(chain, matched);
  const transfers = placed.flatMap((transfer) => {
    const owner = byAddress.get(transfer.to);
    return owner === undefined ? [] : [{ ...transfer, depositAddressId: owner.id, account: owner.account }];
  });
  return storeObserved(database, { chain: id, transfers });
}

/** Every address when they fit one filter, undefined when there are too many. */
async function nameRecipients(needs: { readonly database: Database; readonly chain: Chain }) {
  const addresses = await listAddresses(needs.database, {
    kind: needs.chain.network.kind,
    limit: FILTER_ADDRESSES + 1,
  });
  return addresses.length > FILTER_ADDRESSES ? undefined : addresses;
}

/**
 * Replaces a log's place in its block, which a reorg may change, by its place in its transaction, which identifies the deposit
 * for good. One receipt per transaction of ours. A receipt that is missing or of another block stops the range: it is read again.
 */
async function placeInTransactions(chain: Chain, transfers: readonly TokenTransfer[]) {
  const recipients = new Set(transfers.map(({ to }) => to));
  const tokens = new Set(acceptedTokens(chain.network).map(({ address }) => address));
  const placed: (TokenTransfer & { readonly logIndex: number })[] = [];
  for (const hash of new Set(transfers.map(({ transactionHash }) => transactionHash))) {
    const receipt = await chain.readReceipt(hash);
    if (receipt === undefined) throw new RpcUnavailable(chain.network.id, "a log has no receipt yet");
    if (!receipt.succeeded) continue;
    placed.push(...receipt.transfers.filter(({ to, token }) => recipients.has(to) && tokens.has(token)));
  }
  return placed;
}
