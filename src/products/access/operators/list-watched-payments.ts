import type { Knex } from "knex";
import { formatDollars, nanodollars } from "../../../money/nanodollars.ts";
import { selectWatchedPayments, type WatchedPayment, type WatchedStatus } from "./payment-list-store.ts";

const NEXT_ACTIONS: Readonly<Record<WatchedStatus, string>> = {
  submitted: "Its facilitator is being asked. If that lasts, its workflow looks it up on the chain: repair lookAgain.",
  unknown: "Its workflow looks it up on the chain again and again: repair lookAgain does so at once.",
  unserved: "The money bought nothing and is the payer's balance at the merchant; nothing is to be done here.",
  reversed: "The chain took it back: sale and time are reversed. If its tokens moved after all: repair recordSettled.",
  failed: "No tokens moved. If the payer shows a transaction that made it: repair recordSettled with it.",
};
const PARKED =
  "Neither chain nor facilitator says what became of it. Find its transaction and repair recordSettled; or once it cannot land, recordFailed.";

/** A page of payments of one status, oldest first, each with what was said of it and what can be done. `next` continues. */
export async function listWatchedPayments(
  database: Knex,
  page: { readonly status: WatchedStatus; readonly cursor: string | null; readonly limit: number },
) {
  const { status, cursor, limit } = page;
  const rows = await selectWatchedPayments(database, { status, after: cursor ?? "", limit: limit + 1 });
  const shown = rows.slice(0, limit);
  return { payments: shown.map(show), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

function show(row: WatchedPayment) {
  return {
    id: row.id,
    status: row.status,
    dialect: row.dialect,
    merchantId: row.merchant_id,
    assetId: row.asset_id,
    sessionId: row.session_id,
    network: row.network,
    token: row.token,
    payTo: row.pay_to,
    payer: row.payer,
    amountUnits: row.amount_units,
    amount: formatDollars(nanodollars(BigInt(row.gross_nanodollars))),
    transaction: row.transaction,
    facilitator: row.facilitator,
    facilitatorAnswer: row.answer,
    code: row.code,
    detail: row.detail,
    createdAt: row.created_at.toISOString(),
    validUntil: row.valid_until?.toISOString() ?? null,
    ageSeconds: row.age_seconds,
    needsReview: row.is_parked,
    nextAction: row.is_parked ? PARKED : NEXT_ACTIONS[row.status],
  };
}
