import type { Knex } from "knex";
import { readBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import { findBucket } from "./bucket-store.ts";
import type { Cashier } from "./checkout.ts";
import { findCheckout } from "./checkout-store.ts";
import { PurchaseNotFound } from "./errors.ts";
import type { OfficexRecord } from "./notices/officex-record-store.ts";
import { findOfficexRecord } from "./notices/officex-record-store.ts";
import { priceLine } from "./offers.ts";
import { findPurchase } from "./purchase-store.ts";
import type { Remainder } from "./remainder-store.ts";
import { findLatestRemainder } from "./remainder-store.ts";

/** What reading a purchase needs. */
export type PurchaseViewNeeds = {
  readonly database: Knex;
  readonly cashier: Pick<Cashier, "methods" | "listDeposits">;
};

/** A purchase as its customer sees it: no key, no secret, money as decimal strings. Throws `purchase_not_found`. */
export async function readPurchaseView(needs: PurchaseViewNeeds, input: { readonly purchaseId: string }) {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  const checkout = purchase === null ? null : await findCheckout(needs.database, { id: purchase.checkoutId });
  if (purchase === null || checkout === null) throw new PurchaseNotFound();
  const [balance, deposits, bucket, remainder, officex] = await Promise.all([
    readBalance(needs.database, accounts.purchase(purchase.id)),
    needs.cashier.listDeposits(needs.database, checkout.depositAddressId),
    findBucket(needs.database, purchase.id),
    findLatestRemainder(needs.database, purchase.id),
    findOfficexRecord(needs.database, purchase.id),
  ]);
  const method = needs.cashier.methods.find(
    (candidate) => candidate.chain === checkout.chain && candidate.token === checkout.token,
  );
  return {
    purchase: {
      id: purchase.id,
      offer_id: purchase.offerId,
      kind: purchase.kind,
      title: purchase.title,
      status: purchase.status,
      status_since: purchase.statusSince.toISOString(),
      balance: formatDollars(balance.available),
      balance_nanodollars: balance.available.toString(),
      balance_low_trigger: formatDollars(purchase.triggers.low),
      balance_critical_trigger: formatDollars(purchase.triggers.critical),
      balance_termination_trigger: formatDollars(purchase.triggers.termination),
      thresholds_crossed: balance.thresholds.filter((level) => !level.armed).map((level) => level.name),
      price_line: priceLine(purchase.terms),
      access: purchase.access,
      end_reason: purchase.endReason,
      grace_ends_at: purchase.graceEndsAt?.toISOString() ?? null,
      officex_purchase_id: purchase.officexPurchaseId,
      created_at: purchase.createdAt.toISOString(),
      terminated_at: purchase.terminatedAt?.toISOString() ?? null,
    },
    checkout_wallet: {
      address: checkout.depositAddress,
      chain: checkout.chain,
      token: checkout.token,
      token_address: method?.tokenAddress ?? null,
      explorer_url: method?.explorerUrl ?? null,
      deposits: [...deposits],
    },
    remainder: remainder === null ? null : showRemainder(remainder),
    officex: officexView(officex),
    resources: { bucket: bucket?.bucket ?? null, endpoint: bucket?.endpoint ?? null, region: bucket?.region ?? null },
  };
}

function showRemainder({ status, amount, refunded, kept }: Remainder) {
  return {
    status: status === "open" ? "refunding" : "settled",
    amount: formatDollars(amount),
    refunded: formatDollars(refunded),
    kept: formatDollars(kept),
  };
}

/** What the buyer's OfficeX record last accepted, and how the last attempt went; all null where none was made. */
function officexView(record: OfficexRecord | null) {
  return {
    status: record?.status ?? null,
    last_update: record?.acceptedAt?.toISOString() ?? null,
    last_outcome: record?.lastOutcome ?? null,
  };
}
