import { divide } from "../../../money/conversions.ts";
import { formatDollars, NANODOLLARS_PER_DOLLAR, type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";

/** `open` from when its money left the merchant's account until its transfer is final; `cancelled`: never sent, and its money is back. */
export type PayoutStatus = "open" | "paid" | "cancelled";

/** What a custodial merchant is sent of what it is owed. `network` and `token` are of the registry; units are of the token. */
export type Payout = {
  readonly id: string;
  readonly merchantId: string;
  readonly network: string;
  readonly token: string;
  readonly destination: string;
  readonly amountUnits: bigint;
  readonly amount: Nanodollars;
  readonly status: PayoutStatus;
  readonly attempts: number;
  readonly sinceBlock: number | null;
  /** Until when an authorization that may have been signed is good; null where none ever was. EVM. */
  readonly authorizedUntil: Date | null;
  readonly transactionHash: string | null;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
};

/** Tokens that came for a merchant and were not paid out, and where they would go; `destination` is null where it must not or cannot. */
export type PayoutPool = {
  readonly network: string;
  readonly token: string;
  readonly decimals: number;
  readonly units: bigint;
  readonly destination: string | null;
};

/** What is to be paid out of a pool. */
export type PayoutShare = {
  readonly pool: PayoutPool & { readonly destination: string };
  readonly units: bigint;
  readonly amount: Nanodollars;
};

/**
 * Shares what a merchant is owed over its pools, the largest first, whole base units only. What is left below `minimum` in a pool waits. A
 * pool may hold more than is owed: payers' balances are in it too. Pure.
 */
export function choosePayouts(input: {
  readonly owed: Nanodollars;
  readonly pools: readonly PayoutPool[];
  readonly minimum: Nanodollars;
}): readonly PayoutShare[] {
  let left: bigint = input.owed;
  const bySize = [...input.pools].sort(
    (one, other) => Number(worthOf(one) < worthOf(other)) - Number(worthOf(one) > worthOf(other)),
  );
  return bySize.flatMap((pool) => {
    const { destination } = pool;
    const units = lesser(unitsFor(left, pool.decimals), pool.units);
    const amount = dollarsOf(units, pool.decimals);
    if (destination === null || units <= 0n || amount <= 0n || amount < input.minimum) return [];
    left -= amount;
    return [{ pool: { ...pool, destination }, units, amount }];
  });
}

/** A payout as the wire shows it. */
export function payoutView(payout: Payout) {
  return {
    id: payout.id,
    merchantId: payout.merchantId,
    network: payout.network,
    token: payout.token,
    destination: payout.destination,
    amount: formatDollars(payout.amount),
    amountUnits: `${payout.amountUnits}`,
    status: payout.status,
    transaction: payout.transactionHash,
    createdAt: payout.createdAt.toISOString(),
    paidAt: payout.paidAt?.toISOString() ?? null,
  };
}

/** Down, so that no payout is of more than is owed. */
function unitsFor(amount: bigint, decimals: number): bigint {
  return amount <= 0n ? 0n : divide(amount * 10n ** BigInt(decimals), NANODOLLARS_PER_DOLLAR, "down");
}

/** Up, so that a token finer than a nanodollar is never paid out for nothing; exact up to nine decimals. */
function dollarsOf(units: bigint, decimals: number): Nanodollars {
  return nanodollars(divide(units * NANODOLLARS_PER_DOLLAR, 10n ** BigInt(decimals), "up"));
}

function lesser(one: bigint, other: bigint): bigint {
  if (one < other) return one;
  return other;
}

function worthOf({ units, decimals }: PayoutPool): bigint {
  return dollarsOf(units < 0n ? 0n : units, decimals);
}
