import type { Knex } from "knex";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import { newId } from "../../../platform/ids.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import { monthAfter, monthOf, sumOfLines } from "./invoice.ts";
import {
  insertInvoice,
  lockMerchantForInvoices,
  selectInvoicedUpTo,
  selectInvoiceLines,
  selectMerchantsToInvoice,
} from "./invoice-store.ts";

type DrawNeeds = { readonly database: Knex; readonly clock: Clock };

const PAGE = 100;
/** A month is left alone this long after its end: what settled in its last moment is then committed. */
const SETTLED_MS = 3_600_000;

/**
 * Draws every invoice that is due: for each month that ended (UTC), of each merchant with fees of direct sales, what was not invoiced
 * before. Once per merchant and month, whoever runs it, how often and how late. Answers how many it drew.
 */
export async function drawInvoices(needs: DrawNeeds): Promise<number> {
  const until = monthOf(new Date(needs.clock.now() - SETTLED_MS));
  let drawn = 0;
  let after = "";
  for (;;) {
    const merchants = await selectMerchantsToInvoice(needs.database, { until, after, limit: PAGE });
    for (const merchantId of merchants) drawn += await drawForMerchant(needs, { merchantId, until });
    const last = merchants.at(-1);
    if (last === undefined || merchants.length < PAGE) return drawn;
    after = last;
  }
}

/** One month after the other; one with nothing to claim is covered by the next invoice, so that what was given back lowers it. */
async function drawForMerchant(
  needs: DrawNeeds,
  input: { readonly merchantId: string; readonly until: Date },
): Promise<number> {
  const { merchantId, until } = input;
  return needs.database.transaction(async (transaction) => {
    await lockMerchantForInvoices(transaction, merchantId);
    const upTo = await selectInvoicedUpTo(transaction, merchantId);
    if (upTo === undefined) return 0;
    let from = upTo.isInvoiced ? upTo.at : monthOf(upTo.at);
    let drawn = 0;
    for (let month = from; month < until; month = monthAfter(month)) {
      const to = monthAfter(month);
      const isDrawn = await drawOne(transaction, needs, { merchantId, month, from, to });
      if (!isDrawn) continue;
      from = to;
      drawn += 1;
    }
    return drawn;
  });
}

async function drawOne(
  transaction: Knex.Transaction,
  needs: DrawNeeds,
  input: { readonly merchantId: string; readonly month: Date; readonly from: Date; readonly to: Date },
): Promise<boolean> {
  const { merchantId, from: coversFrom, to: coversTo } = input;
  const lines = await selectInvoiceLines(transaction, input);
  const amount = sumOfLines(lines);
  if (amount <= 0n) return false;
  const id = newId("inv");
  const month = input.month.toISOString().slice(0, 10);
  const issuedAt = new Date(needs.clock.now());
  const isNew = await insertInvoice(transaction, {
    id,
    merchantId,
    month,
    coversFrom,
    coversTo,
    amount,
    lines,
    issuedAt,
  });
  if (!isNew) return false;
  const data = { invoiceId: id, month: month.slice(0, 7), amount: formatDollars(amount) };
  await announceToMerchant(transaction, { merchantId, type: "invoice.drawn", key: id, data });
  return true;
}
