import type { Knex } from "knex";
import { readBalance } from "../../../ledger/balances.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import { listOperatorActions } from "../../../platform/operator-action-store.ts";
import { findCheckout } from "../checkout-store.ts";
import { PurchaseNotFound } from "../errors.ts";
import { findPurchase } from "../purchase-store.ts";
import { hasDestructionBegun } from "../repairs/repair-store.ts";
import type { PurchaseScope, TimelineCursor } from "./purchase-record-store.ts";
import { selectRecords, selectTimeline } from "./purchase-record-store.ts";
import { showAction } from "./show-action.ts";

type Needs = { readonly database: Knex };

/** Everything an operator needs about one purchase, from Postgres: no key, no secret, no address to send to. Throws `purchase_not_found`. */
export async function readPurchaseRecord(needs: Needs, input: { readonly purchaseId: string }) {
  const { database } = needs;
  const { purchase, checkout, scope } = await readScope(needs, input);
  const subject = `purchase/${purchase.id}`;
  const [balance, records, actions, isDestructionBegun] = await Promise.all([
    readBalance(database, accounts.purchase(purchase.id)),
    selectRecords(database, scope),
    listOperatorActions(database, { subject, limit: 50 }),
    hasDestructionBegun(database, purchase.id),
  ]);
  return {
    purchase: {
      id: purchase.id,
      offer_id: purchase.offerId,
      kind: purchase.kind,
      title: purchase.title,
      status: purchase.status,
      status_since: purchase.statusSince.toISOString(),
      grace_ends_at: purchase.graceEndsAt?.toISOString() ?? null,
      is_destruction_begun: isDestructionBegun,
      org_id: purchase.buyerOrgId,
      org_host: purchase.buyerOrgHost,
      user_id: purchase.buyerUserId,
      email: checkout.email,
      officex_purchase_id: purchase.officexPurchaseId,
      tracer: checkout.tracer,
      created_at: purchase.createdAt.toISOString(),
      terminated_at: purchase.terminatedAt?.toISOString() ?? null,
    },
    balance: {
      available: formatDollars(balance.available),
      held: formatDollars(balance.held),
      thresholds: balance.thresholds.map(({ name, level, armed }) => ({ name, level: formatDollars(level), armed })),
    },
    ...records,
    actions: actions.map(showAction),
    workflows: [
      subject,
      `checkout/${checkout.id}`,
      ...records.deposits.flatMap(({ id }) => (typeof id === "string" ? [`sweep/${id}`] : [])),
      ...records.refunds.flatMap(({ id }) => (typeof id === "string" ? [`refund/${id}`] : [])),
    ],
  };
}

/** One page of a purchase's timeline, oldest first. `cursor` is the `nextCursor` of the page before. Throws `purchase_not_found`. */
export async function readTimeline(
  needs: Needs,
  input: { readonly purchaseId: string; readonly cursor?: string | undefined; readonly limit: number },
) {
  const { scope } = await readScope(needs, input);
  const after = readCursor(input.cursor);
  const lines = await selectTimeline(needs.database, { ...scope, after, limit: input.limit + 1 });
  const page = lines.slice(0, input.limit);
  const last = page.at(-1);
  const isMore = lines.length > page.length && last !== undefined;
  return {
    entries: page.map(({ at, ...line }) => ({ at: at.toISOString(), ...line })),
    nextCursor: isMore ? writeCursor({ at: last.at.toISOString(), what: last.what, ref: last.ref }) : null,
  };
}

async function readScope({ database }: Needs, { purchaseId }: { readonly purchaseId: string }) {
  const purchase = await findPurchase(database, purchaseId);
  const checkout = purchase === null ? null : await findCheckout(database, { id: purchase.checkoutId });
  if (purchase === null || checkout === null) throw new PurchaseNotFound();
  const scope: PurchaseScope = { purchaseId, checkoutId: checkout.id, depositAddressId: checkout.depositAddressId };
  return { purchase, checkout, scope };
}

function writeCursor({ at, what, ref }: TimelineCursor): string {
  return Buffer.from([at, what, ref].join("\n")).toString("base64url");
}

/** A cursor nobody gave out begins at the start. */
function readCursor(cursor: string | undefined): TimelineCursor | null {
  const [at = "", what, ref] = Buffer.from(cursor ?? "", "base64url")
    .toString()
    .split("\n");
  const isTime = /^\d{4}-\d\d-\d\dT[0-9:.]{8,15}Z$/.test(at) && !Number.isNaN(Date.parse(at));
  if (!isTime || what === undefined || ref === undefined || /\0/.test(what + ref)) return null;
  return { at, what, ref };
}
