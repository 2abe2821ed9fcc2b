import type { Knex } from "knex";
import { readBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { add, formatDollars, parseDollars, ZERO } from "../../money/nanodollars.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Cashier, ShownDeposit } from "./checkout.ts";
import type { Checkout } from "./checkout-store.ts";
import { findCheckout } from "./checkout-store.ts";
import { PurchaseNotFound } from "./errors.ts";

const LOOK_BACK_MS = 3_600_000;

/** What looking for a top-up needs. */
export type TopUpNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly cashier: Pick<Cashier, "lookNow" | "readTotals" | "listDeposits">;
};

/** What a look found. `credited` is what was credited since `since`, by whomever; `observed` still waits. */
export type TopUp = {
  readonly status: "credited" | "waiting" | "nothing_new" | "chain_unreachable";
  readonly purchaseId: string | null;
  readonly chainSeen: "current" | "unknown";
  readonly since: Date;
  readonly credited: Nanodollars;
  readonly observed: Nanodollars;
  readonly balance: Nanodollars;
  readonly deposits: readonly ShownDeposit[];
};

/**
 * Looks at a checkout's deposit address now and says what came: credited since `since` (an hour ago unless told), seen and waiting, and
 * the balance. It credits nothing itself: a deposit is credited once, by its transfer, whoever looks and however often. A chain that
 * does not answer changes nothing; what is known is told. Source: seed 000, "Top Up" and decision 0003.
 */
export async function lookForTopUp(
  needs: TopUpNeeds,
  input: { readonly checkout: Checkout; readonly since: Date | null },
): Promise<TopUp> {
  const { checkout } = input;
  const since = input.since ?? new Date(needs.clock.now() - LOOK_BACK_MS);
  const chainSeen = await needs.cashier.lookNow(checkout.chain, checkout.depositAddressId);
  const [deposits, totals, balance] = await Promise.all([
    needs.cashier.listDeposits(needs.database, checkout.depositAddressId),
    needs.cashier.readTotals(needs.database, checkout.depositAddressId),
    readBalance(needs.database, accounts.purchase(checkout.purchaseId)),
  ]);
  const credited = creditedSince(deposits, since);
  const { observed } = totals;
  return {
    status: nameTopUp({ credited, observed, chainSeen }),
    purchaseId: checkout.status === "finalized" ? checkout.purchaseId : null,
    ...{ chainSeen, since, credited, observed, deposits },
    balance: balance.available,
  };
}

/** The same for a purchase by its id. Throws `purchase_not_found`. */
export async function verifyTopUp(
  needs: TopUpNeeds,
  input: { readonly purchaseId: string; readonly since: Date | null },
): Promise<TopUp & { readonly checkout: Checkout }> {
  const checkout = await findCheckout(needs.database, { purchaseId: input.purchaseId });
  if (checkout === null) throw new PurchaseNotFound();
  return { ...(await lookForTopUp(needs, { checkout, since: input.since })), checkout };
}

/** The sum of the deposits credited at or after `since`; pure. */
export function creditedSince(
  deposits: readonly Pick<ShownDeposit, "status" | "credited" | "confirmed_at">[],
  since: Date,
): Nanodollars {
  const counted = deposits.filter(
    ({ status, confirmed_at: at }) => status === "confirmed" && at !== null && new Date(at) >= since,
  );
  return add(ZERO, ...counted.map(({ credited }) => parseDollars(credited)));
}

function nameTopUp({ credited, observed, chainSeen }: Pick<TopUp, "credited" | "observed" | "chainSeen">) {
  if (credited > 0n) return "credited";
  if (observed > 0n) return "waiting";
  return chainSeen === "unknown" ? "chain_unreachable" : "nothing_new";
}

/** What a look found, in words for the customer. Pure. */
export function describeTopUp(found: Pick<TopUp, "status" | "credited" | "observed" | "since">): string {
  switch (found.status) {
    case "credited":
      return `${formatDollars(found.credited)} USD were credited since ${found.since.toISOString()}.`;
    case "waiting":
      return `${formatDollars(found.observed)} USD were seen and wait to be credited; each deposit says what it waits for.`;
    case "chain_unreachable":
      return "The chain does not answer right now. What is known is shown; a deposit is credited as soon as it answers again.";
    case "nothing_new":
      return "No deposit was credited lately and none is waiting.";
    default:
      return found.status satisfies never;
  }
}
