import type { Knex } from "knex";
import type { MerchantEvent } from "./merchant-event.ts";
import { listMerchantEvents } from "./merchant-event-store.ts";
import type { Page } from "./page.ts";
import { toPage } from "./page.ts";

/** A page of what a merchant was told, newest first. */
export async function readMerchantEvents(
  needs: { readonly database: Knex },
  input: Parameters<typeof listMerchantEvents>[1],
): Promise<Page<MerchantEvent>> {
  const { limit } = input;
  const rows = await listMerchantEvents(needs.database, { ...input, limit: limit + 1 });
  return toPage(rows, { limit, cursorOf: ({ number }) => number });
}
