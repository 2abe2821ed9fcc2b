import { formatDollars } from "../../../money/nanodollars.ts";
import { PaymentNotFound } from "../errors.ts";
import { findSession } from "../sessions/session-store.ts";
import { readSessionToken } from "../sessions/session-token.ts";
import type { PaymentNeeds } from "./payment-needs.ts";
import { findPayment, type StoredPayment } from "./payment-store.ts";
import { readStatusHandle } from "./status-handle.ts";
import { websocketUrl } from "./taking/show-outcome.ts";

const STATUS = {
  submitted: "pending",
  unknown: "pending",
  settled: "granted",
  failed: "failed",
  unserved: "unserved",
  reversed: "reversed",
} as const;
const LOOK_AGAIN_SECONDS = 2;

/**
 * What became of a payment. The handle of a 202 or a grant shows the session's token while the session lives; the bare id shows all but
 * that. Throws 404 `payment_not_found`.
 */
export async function showPaymentStatus(
  needs: Pick<PaymentNeeds, "database" | "masterKey" | "publicUrl">,
  handle: string,
) {
  const read = readStatusHandle(needs, handle);
  const payment = read === null ? null : await findPayment(needs.database, read.paymentId);
  if (read === null || payment === null) throw new PaymentNotFound();
  const status = STATUS[payment.status];
  return {
    status,
    paymentId: payment.id,
    assetId: payment.assetId,
    sessionId: payment.sessionId,
    amount: formatDollars(payment.gross),
    network: payment.network,
    transaction: payment.transaction,
    code: payment.failureCode,
    detail: payment.failureDetail,
    retryAfterSeconds: status === "pending" ? LOOK_AGAIN_SECONDS : null,
    receipt: read.isPayer ? payment.receipt : null,
    balance: status === "unserved" ? formatDollars(payment.gross) : null,
    ...(await showSession(needs, { payment, isPayer: read.isPayer })),
  };
}

async function showSession(
  needs: Pick<PaymentNeeds, "database" | "masterKey" | "publicUrl">,
  { payment, isPayer }: { readonly payment: StoredPayment; readonly isPayer: boolean },
) {
  const isBought = payment.status === "settled" && payment.sessionId !== null;
  const session = isBought && payment.sessionId !== null ? await findSession(needs.database, payment.sessionId) : null;
  if (session === null) return { sessionToken: null, expiresAt: null, websocketUrl: null };
  const expiresAt = session.expiresAt.toISOString();
  if (!isPayer || session.status !== "active") return { sessionToken: null, expiresAt, websocketUrl: null };
  const token = readSessionToken(needs, session);
  return { sessionToken: token, expiresAt, websocketUrl: websocketUrl(needs, token) };
}
