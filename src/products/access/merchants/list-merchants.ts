import type { Knex } from "knex";
import type { Merchant } from "../merchant.ts";
import { type Page, toPage } from "../telling/page.ts";
import { type MerchantSearch, selectMerchants } from "./merchant-store.ts";

/** One page of merchants, newest first. */
export async function listMerchants(
  needs: { readonly database: Knex },
  search: MerchantSearch,
): Promise<Page<Merchant>> {
  const rows = await selectMerchants(needs.database, { ...search, limit: search.limit + 1 });
  return toPage(rows, { limit: search.limit, cursorOf: ({ id }) => id });
}
