import type { JsonValue } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import { redactText } from "../../../platform/logger.ts";

/** One line of the payment log, which is never edited: what was tried, what was answered, and what it meant. */
export type PaymentLogLine = {
  readonly paymentId: string | null;
  readonly quoteId: string | null;
  readonly merchantId: string;
  readonly assetId: string;
  readonly sessionId?: string | null;
  /** In snake_case, such as `settled`. */
  readonly event: string;
  /** Null while it is not known. */
  readonly success?: boolean | null;
  readonly network?: string | null;
  readonly token?: string | null;
  readonly transaction?: string | null;
  readonly payer?: string | null;
  readonly amountUnits?: bigint | null;
  readonly code?: string | null;
  readonly detail?: string | null;
  readonly facilitator?: string | null;
  /** The facilitator's whole answer, word for word. */
  readonly raw?: JsonValue;
};

const MAXIMUM_DETAIL = 1000;
const MAXIMUM_RAW = 16_384;

/** Adds a line, in the transaction of what it speaks of or on its own. An answer too long to keep is kept as its beginning. */
export async function logPayment(database: Database, line: PaymentLogLine): Promise<void> {
  const insertion = database("access_payment_log").insert({
    payment_id: line.paymentId,
    quote_id: line.quoteId,
    merchant_id: line.merchantId,
    asset_id: line.assetId,
    session_id: line.sessionId ?? null,
    event: line.event,
    success: line.success ?? null,
    network: line.network ?? null,
    token: line.token ?? null,
    transaction: line.transaction ?? null,
    payer: line.payer ?? null,
    amount_units: line.amountUnits?.toString() ?? null,
    code: line.code ?? null,
    detail: line.detail == null ? null : redactText(line.detail).slice(0, MAXIMUM_DETAIL),
    facilitator: line.facilitator ?? null,
    facilitator_response: storable(line.raw),
  });
  await insertion.options(preparedAs("insert_payment_log"));
}

/** Postgres' jsonb takes no zero character. */
function storable(raw: JsonValue | undefined): string | null {
  if (raw === undefined || raw === null) return null;
  const text = JSON.stringify(raw).replaceAll("\\u0000", "");
  return text.length <= MAXIMUM_RAW ? text : JSON.stringify({ beginning: text.slice(0, MAXIMUM_RAW) });
}
