import type { Knex } from "knex";
import { purgeInBatches } from "../../../platform/database/purge-in-batches.ts";
import type { Logger } from "../../../platform/logger.ts";
import { purgeQuotes } from "../payments/quotes/quote-store.ts";
import { purgeMerchantEvents } from "./merchant-event-store.ts";

const INTERVAL_MS = 300_000;
const BATCH = 5_000;

/** What forgetting needs. */
export type ForgetNeeds = { readonly database: Knex; readonly logger: Logger };

/**
 * Deletes what nobody will ask for again, in bounded batches: quotes that expired a day ago unpaid, and merchants' events older than 90
 * days. Quotes with a payment stay, failed ones too: they say what was offered. Answers how many of each went.
 */
export async function forgetOld(
  needs: Pick<ForgetNeeds, "database">,
): Promise<{ readonly quotes: number; readonly events: number }> {
  return {
    quotes: await purgeInBatches(BATCH, (limit) => purgeQuotes(needs.database, limit)),
    events: await purgeInBatches(BATCH, (limit) => purgeMerchantEvents(needs.database, limit)),
  };
}

/** Forgets now and then. Every process does so; the timer keeps none alive, and a database that is away only postpones it. */
export function forgetRegularly(needs: ForgetNeeds): void {
  const forget = async () => {
    try {
      const gone = await forgetOld(needs);
      if (gone.quotes + gone.events > 0) needs.logger.debug(gone, "forgot old quotes and events");
    } catch (failure) {
      needs.logger.warn({ err: failure }, "old quotes and events were not forgotten");
    }
  };
  setInterval(() => void forget(), INTERVAL_MS).unref();
}
