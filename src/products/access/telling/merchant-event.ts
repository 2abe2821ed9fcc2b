/** Everything a merchant is told about; the type of its webhooks. A type keeps its meaning for ever. */
export const MERCHANT_EVENT_TYPES = [
  "payment.settled",
  "payment.failed",
  "payment.unserved",
  "payment.unknown",
  "payment.reversed",
  "session.started",
  "session.extended",
  "session.shortened",
  "session.expired",
  "session.stopped",
  "session.revoked",
  "refund.due",
  "invoice.drawn",
  "payout.sent",
  "webhook.test",
] as const;

/** One of {@link MERCHANT_EVENT_TYPES}. */
export type MerchantEventType = (typeof MERCHANT_EVENT_TYPES)[number];

/** Members of an event. Amounts are decimal strings; whole numbers are counts. Never a session token. */
export type MerchantEventData = Readonly<Record<string, string | number | boolean | null>>;

/** Something that happened to a merchant's payments, sessions, invoices or payouts. `number` only orders. */
export type MerchantEvent = {
  readonly number: string;
  readonly id: string;
  readonly merchantId: string;
  readonly type: MerchantEventType;
  readonly key: string;
  readonly data: MerchantEventData;
  readonly occurredAt: Date;
  readonly deliveredAt: Date | null;
};
