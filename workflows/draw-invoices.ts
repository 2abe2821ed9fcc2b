import { quick } from "./activity-proxies.ts";

/**
 * `draw-invoices-<time>`, every night: draws the fee invoices of months that ended and have none. Run twice or late it draws the same ones
 * once. Answers how many.
 */
export async function drawInvoices(): Promise<number> {
  return quick.drawInvoices();
}
