import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { selectFeeFacts } from "./fee-rate-store.ts";
import type { PlatformFee } from "./platform-fee.ts";

/**
 * The fee a merchant pays on a sale now, in basis points: its own rate where the operator gave it one, else the tier its settled volume
 * of the calendar month (UTC) so far has reached, this sale not counted. One indexed query. `merchantId` is of a merchant that exists.
 */
export async function feeBasisPointsFor(
  needs: { readonly database: Database; readonly platformFee: PlatformFee },
  input: { readonly merchantId: string; readonly now: Date },
): Promise<number> {
  const facts = await selectFeeFacts(needs.database, input);
  if (facts === undefined) throw new Error("a fee is asked for a merchant that does not exist");
  return facts.ownBasisPoints ?? tierFor(needs.platformFee, nanodollars(facts.volume));
}

/** The tier that a month's volume has reached; below the first the general rate. */
export function tierFor(fee: PlatformFee, volume: Nanodollars): number {
  const reached = fee.tiers.filter(({ from }) => from <= volume);
  return reached.at(-1)?.basisPoints ?? fee.basisPoints;
}
