import type { Knex } from "knex";
import type { Clock } from "../src/platform/clock.ts";
import { drawInvoices } from "../src/products/access/fees/draw-invoices.ts";

/** What fees of the access room need. */
export type FeeActivityNeeds = { readonly database: Knex; readonly clock: Clock };

/** What is done about merchants' fees by the clock. */
export function feeActivities(needs: FeeActivityNeeds) {
  return {
    drawInvoices: (): Promise<number> => drawInvoices(needs),
  };
}
