import type { Knex } from "knex";
import type { ChainNetwork } from "../../../integrations/chains/chain.ts";
import { readLockedBalance } from "../../../ledger/balances.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { payoutStarted } from "../../../ledger/postings/access.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import { newId } from "../../../platform/ids.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { openMerchantAccount } from "./payer-balances.ts";
import { choosePayouts, type PayoutPool, type PayoutShare } from "./payout.ts";
import { insertPayout, type PoolRow, selectCustodialMerchants, selectPools } from "./payout-store.ts";

/** What starting payouts needs. `networks` are those whose settlement wallet this server has. */
export type StartPayoutNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, "postIn">;
  readonly networks: readonly ChainNetwork[];
  /** Less than this waits for more. */
  readonly payoutMinimum: Nanodollars;
};

const PAGE = 100;
/** Whoever took a merchant's key and changed its wallet is not paid before its owner could notice. */
const WALLET_REST_MS = 86_400_000;

/**
 * Starts the payouts that are due: for each merchant with custodial sales, per network and token, what it is owed. The row, the posting
 * that takes it from the merchant's account and the wake of its workflow are one transaction, so however many run this at once it is
 * promised once. A wallet changed less than a day ago waits, unless the operator says otherwise. Answers the ids.
 */
export async function startPayouts(
  needs: StartPayoutNeeds,
  input: { readonly merchantId: string | null; readonly skipWalletRest: boolean },
): Promise<readonly string[]> {
  const { merchantId, skipWalletRest } = input;
  const started: string[] = [];
  let after = "";
  for (;;) {
    const merchants = await selectCustodialMerchants(needs.database, { merchantId, after, limit: PAGE });
    for (const id of merchants) started.push(...(await startForMerchant(needs, { merchantId: id, skipWalletRest })));
    const last = merchants.at(-1);
    if (last === undefined || merchants.length < PAGE) return started;
    after = last;
  }
}

async function startForMerchant(
  needs: StartPayoutNeeds,
  input: { readonly merchantId: string; readonly skipWalletRest: boolean },
): Promise<readonly string[]> {
  const { merchantId, skipWalletRest } = input;
  return needs.database.transaction(async (transaction) => {
    await openMerchantAccount(transaction, { merchantId });
    const { available: owed } = await readLockedBalance(transaction, accounts.merchantPayable(merchantId));
    if (owed <= 0n) return [];
    const rows = await selectPools(transaction, merchantId);
    const pools = rows.flatMap((row) => poolOf(needs, { row, skipWalletRest }));
    const started: string[] = [];
    for (const share of choosePayouts({ owed, pools, minimum: needs.payoutMinimum })) {
      started.push(...(await startOne(transaction, needs, { merchantId, share })));
    }
    return started;
  });
}

async function startOne(
  transaction: Knex.Transaction,
  needs: StartPayoutNeeds,
  input: { readonly merchantId: string; readonly share: PayoutShare },
): Promise<readonly string[]> {
  const { merchantId, share } = input;
  const { network, token, destination } = share.pool;
  const id = newId("pout", needs.clock.now());
  const payout = { id, merchantId, network, token, destination, amountUnits: share.units, amount: share.amount };
  const isNew = await insertPayout(transaction, { ...payout, createdAt: new Date(needs.clock.now()) });
  if (!isNew) return [];
  await needs.ledger.postIn(
    transaction,
    payoutStarted({ payoutId: id, merchantId, network, token, amount: share.amount }),
  );
  await raiseWake(transaction, `payout/${id}`);
  return [id];
}

/** A pool of a network and token that this server can pay from; without a destination while it must wait. */
function poolOf(
  needs: StartPayoutNeeds,
  input: { readonly row: PoolRow; readonly skipWalletRest: boolean },
): readonly PayoutPool[] {
  const { row, skipWalletRest } = input;
  const { network, token, units, address, walletChangedAt } = row;
  const chain = needs.networks.find(({ id }) => id === network);
  const decimals = chain?.tokens.find(({ symbol }) => symbol === token)?.decimals;
  if (decimals === undefined) return [];
  const rested = walletChangedAt === null || needs.clock.now() - walletChangedAt.getTime() >= WALLET_REST_MS;
  return [{ network, token, decimals, units, destination: rested || skipWalletRest ? address : null }];
}
