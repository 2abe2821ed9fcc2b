import type { JsonValue } from "../../errors.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { PostedEntry } from "../../ledger/entry.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { usageMetered } from "../../ledger/postings/usage.ts";
import { divide } from "../../money/conversions.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { InvalidAmount, MAXIMUM_AMOUNT, nanodollars, parseDollars } from "../../money/nanodollars.ts";
import type { Clock } from "../../platform/clock.ts";
import { UnitNotPriced, UsageTimeOutOfRange } from "./errors.ts";
import type { OfferTerms } from "./offers.ts";

const QUANTITY = /^[0-9]{1,15}(?:\.[0-9]{1,9})?$/;
const QUANTITY_SCALE = 1_000_000_000n;
const OLDEST_MS = 400 * 86_400_000;
const NEWEST_MS = 600_000;

/** One thing used, as a metering server reports it. */
export type UsageReport = {
  readonly purchaseId: string;
  readonly eventId: string;
  readonly quantity: string;
  readonly unit: string;
  readonly billedAmount: string | null;
  readonly occurredAt: Date | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, JsonValue>> | null;
};

/** What metering needs: the ledger's group-committed writer and the time. */
export type MeteringNeeds = { readonly ledger: Pick<Ledger, "post">; readonly clock: Clock };

/**
 * Charges one usage event to a purchase, once per event id. The price is `billedAmount`, or the purchase's own rate for the unit.
 * Fails with `insufficient_funds` (nothing is charged, and the purchase's lifecycle is told), `idempotency_conflict`,
 * `unit_not_priced`, `usage_time_out_of_range` or `invalid_amount`. Source: seed 000, "Usage Based Billing" 1.
 */
export async function meterUsage(
  needs: MeteringNeeds,
  terms: OfferTerms,
  report: UsageReport,
): Promise<{ readonly posted: PostedEntry; readonly amount: Nanodollars }> {
  if (report.occurredAt !== null) refuseFarTimes(report.occurredAt, new Date(needs.clock.now()));
  const amount =
    report.billedAmount === null ? priceUsage(terms, report) : billed(report.billedAmount, report.quantity);
  const posted = await needs.ledger.post(
    usageMetered({
      account: accounts.purchase(report.purchaseId),
      family: "purchases",
      eventId: report.eventId,
      amount,
      quantity: report.quantity,
      unit: report.unit,
      ...(report.occurredAt === null ? {} : { occurredAt: report.occurredAt }),
      ...(report.description === null ? {} : { description: report.description }),
      ...(report.metadata === null ? {} : { metadata: report.metadata }),
    }),
  );
  return { posted, amount };
}

/**
 * Quantity x rate, rounded up to the next nanodollar: less than a billionth of a dollar per event, always named, never hidden.
 * Throws `unit_not_priced` and `invalid_amount`. Pure.
 */
export function priceUsage(
  terms: OfferTerms,
  usage: { readonly quantity: string; readonly unit: string },
): Nanodollars {
  const price = terms.prices.find((candidate) => candidate.unit === usage.unit);
  if (price === undefined) throw new UnitNotPriced(terms.prices.map((candidate) => candidate.unit));
  return positive(
    nanodollars(divide(parseDollars(price.dollars) * scaledQuantity(usage.quantity), QUANTITY_SCALE, "up")),
  );
}

/** A billed amount needs no quantity to be priced, yet the quantity is kept and must be one. */
function billed(amount: string, quantity: string): Nanodollars {
  scaledQuantity(quantity);
  return positive(parseDollars(amount));
}

/** A quantity as whole billionths: up to 15 integer digits and 9 decimals, ASCII, not negative. Throws `invalid_amount`. */
export function scaledQuantity(text: string): bigint {
  if (!QUANTITY.test(text)) {
    throw new InvalidAmount(
      'usage_amount is a decimal string with at most 15 digits before and 9 after the point, such as "1.5".',
    );
  }
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * QUANTITY_SCALE + BigInt(fraction.padEnd(9, "0"));
}

function positive(amount: Nanodollars): Nanodollars {
  if (amount <= 0n) throw new InvalidAmount("A charge must be more than zero.");
  if (amount > MAXIMUM_AMOUNT) throw new InvalidAmount("A charge may not exceed 1000000000 US dollars.");
  return amount;
}

function refuseFarTimes(occurredAt: Date, now: Date): void {
  const age = now.getTime() - occurredAt.getTime();
  if (age > OLDEST_MS || age < -NEWEST_MS) throw new UsageTimeOutOfRange();
}
