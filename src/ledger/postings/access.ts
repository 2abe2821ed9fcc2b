import { type Nanodollars, nanodollars } from "../../money/nanodollars.ts";
import { type AccountName, accounts } from "../chart-of-accounts.ts";
import type { EntryDraft, Posting } from "../entry.ts";

/**
 * Whose wallet the tokens of a sale reached: the merchant's own (`direct`), or our settlement wallet (`custodial`). In direct mode only
 * what the merchant owes us is in the books: fees in `receivable/MERCHANT`, payers' money it keeps in `receivable/MERCHANT:refunds`.
 */
export type SaleMode = "direct" | "custodial";

/** A payment for access. `network` and `token` say where its tokens are, as the chain registry spells them. */
export type AccessPayment = {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly mode: SaleMode;
  readonly network: string;
  readonly token: string;
};

/**
 * Time was sold. `gross` is its price and `fee` our part of it; `left` is what the payer sent beyond it. Key: `access-payment:<payment
 * id>`, shared with {@link accessUnserved} and {@link balanceSpent}: a payment is one of the three, once. Null where nothing is to be
 * booked: direct mode, no fee, nothing left.
 */
export function accessSold(
  sale: AccessPayment & {
    readonly gross: Nanodollars;
    readonly fee: Nanodollars;
    readonly left?: { readonly account: AccountName; readonly amount: Nanodollars };
  },
): EntryDraft | null {
  const { merchantId, mode, gross, fee, left } = sale;
  const beyond = left?.amount ?? 0n;
  const debits: readonly Posting[] =
    mode === "direct"
      ? [
          posting("debit", accounts.receivable(merchantId), fee),
          posting("debit", accounts.refundsReceivable(merchantId), beyond),
        ]
      : [posting("debit", accounts.settlementWallet(sale.network, sale.token), gross + beyond)];
  const credits = [
    ...(mode === "direct" ? [] : [posting("credit", accounts.merchantPayable(merchantId), gross - fee)]),
    posting("credit", accounts.platformFee("access"), fee),
    ...(left === undefined ? [] : [posting("credit", left.account, beyond)]),
  ];
  return entry("access_sold", `access-payment:${sale.paymentId}`, [...debits, ...credits], {
    payment: sale.paymentId,
    merchant: merchantId,
  });
}

/** Tokens moved and bought nothing: all of it is the payer's balance, and no fee is taken. Key: `access-payment:<payment id>`. */
export function accessUnserved(
  payment: AccessPayment & { readonly account: AccountName; readonly amount: Nanodollars },
): EntryDraft {
  const { paymentId, merchantId, mode, network, token, account, amount } = payment;
  const holder = mode === "direct" ? accounts.refundsReceivable(merchantId) : accounts.settlementWallet(network, token);
  return {
    kind: "access_unserved",
    idempotencyKey: `access-payment:${paymentId}`,
    postings: [posting("debit", holder, amount), posting("credit", account, amount)],
    metadata: { payment: paymentId, merchant: merchantId },
  };
}

/**
 * Unused time became the payer's balance again, and our fee on it goes back to the merchant: a fee is earned on time that was used. In
 * direct mode the merchant has the payer's tokens and owes them; in custodial mode it is owed less, below zero where it was paid out
 * already. `fee` is at most `amount`. Key: `access-returned:<session id>:<payment id>`.
 */
export function unusedTimeReturned(returned: {
  readonly sessionId: string;
  readonly paymentId: string;
  readonly merchantId: string;
  readonly mode: SaleMode;
  readonly account: AccountName;
  readonly amount: Nanodollars;
  readonly fee: Nanodollars;
}): EntryDraft | null {
  const { merchantId, mode, account, amount, fee } = returned;
  const ofMerchant =
    mode === "direct"
      ? [
          posting("debit", accounts.refundsReceivable(merchantId), amount),
          posting("debit", accounts.platformFee("access"), fee),
          posting("credit", account, amount),
          posting("credit", accounts.receivable(merchantId), fee),
        ]
      : [
          posting("debit", accounts.merchantPayable(merchantId), amount - fee),
          posting("debit", accounts.platformFee("access"), fee),
          posting("credit", account, amount),
        ];
  return entry("access_returned", `access-returned:${returned.sessionId}:${returned.paymentId}`, ofMerchant, {
    session: returned.sessionId,
    payment: returned.paymentId,
    merchant: merchantId,
  });
}

/**
 * A payer's balance bought time. `mode` is the balance's own: in direct mode the merchant has the tokens already, so it owes them no more;
 * in custodial mode it is owed the price less the fee. Refused when the balance does not cover it. Key: `access-payment:<payment id>`.
 */
export function balanceSpent(spent: {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly mode: SaleMode;
  readonly account: AccountName;
  readonly gross: Nanodollars;
  readonly fee: Nanodollars;
}): EntryDraft | null {
  const { paymentId, merchantId, mode, account, gross, fee } = spent;
  const postings =
    mode === "direct"
      ? [
          posting("debit", account, gross),
          posting("debit", accounts.receivable(merchantId), fee),
          posting("credit", accounts.refundsReceivable(merchantId), gross),
          posting("credit", accounts.platformFee("access"), fee),
        ]
      : [
          posting("debit", account, gross),
          posting("credit", accounts.merchantPayable(merchantId), gross - fee),
          posting("credit", accounts.platformFee("access"), fee),
        ];
  return entry("access_balance_spent", `access-payment:${paymentId}`, postings, {
    payment: paymentId,
    merchant: merchantId,
  });
}

/** A merchant in direct mode gave a payer its money back from its own wallet. Key: `payer-refund:<refund id>`. */
export function payerRefundedByMerchant(refund: {
  readonly refundId: string;
  readonly merchantId: string;
  readonly account: AccountName;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "refund_paid",
    idempotencyKey: `payer-refund:${refund.refundId}`,
    postings: [
      posting("debit", refund.account, refund.amount),
      posting("credit", accounts.refundsReceivable(refund.merchantId), refund.amount),
    ],
    metadata: { refund: refund.refundId, merchant: refund.merchantId },
  };
}

/**
 * A merchant paid its invoice for direct sales, to the owner and outside our books: the owner took that much out. Key:
 * `fee-invoice-paid:<invoice id>`.
 */
export function feeInvoicePaid(invoice: {
  readonly invoiceId: string;
  readonly merchantId: string;
  readonly amount: Nanodollars;
}): EntryDraft {
  return {
    kind: "fee_invoice_paid",
    idempotencyKey: `fee-invoice-paid:${invoice.invoiceId}`,
    postings: [
      posting("debit", accounts.ownerFunds("outside", "usd"), invoice.amount),
      posting("credit", accounts.receivable(invoice.merchantId), invoice.amount),
    ],
    metadata: { invoice: invoice.invoiceId, merchant: invoice.merchantId },
  };
}

/** One payout of what we owe a merchant, in tokens of the settlement wallet. */
export type Payout = {
  readonly payoutId: string;
  readonly merchantId: string;
  readonly network: string;
  readonly token: string;
  readonly amount: Nanodollars;
};

/** A payout is promised: what it pays is on its way, before anything is signed. Key: `payout-started:<payout id>`. */
export function payoutStarted(payout: Payout): EntryDraft {
  return ofPayout(payout, {
    kind: "merchant_payout_started",
    key: "payout-started",
    from: accounts.merchantPayable(payout.merchantId),
    to: accounts.payoutInTransit(payout.network, payout.token),
  });
}

/** The payout is final on its chain: the settlement wallet has it no more. Key: `payout:<payout id>`, shared with {@link payoutReturned}. */
export function merchantPaidOut(payout: Payout & { readonly transactionId: string }): EntryDraft {
  const draft = ofPayout(payout, {
    kind: "merchant_paid_out",
    key: "payout",
    from: accounts.payoutInTransit(payout.network, payout.token),
    to: accounts.settlementWallet(payout.network, payout.token),
  });
  return { ...draft, metadata: { ...draft.metadata, transaction: payout.transactionId } };
}

/** The payout will not be sent: the merchant is owed it as before. Key: `payout:<payout id>`. */
export function payoutReturned(payout: Payout): EntryDraft {
  return ofPayout(payout, {
    kind: "merchant_payout_returned",
    key: "payout",
    from: accounts.payoutInTransit(payout.network, payout.token),
    to: accounts.merchantPayable(payout.merchantId),
  });
}

function ofPayout(
  payout: Payout,
  input: {
    readonly kind: EntryDraft["kind"];
    readonly key: string;
    readonly from: AccountName;
    readonly to: AccountName;
  },
): EntryDraft {
  return {
    kind: input.kind,
    idempotencyKey: `${input.key}:${payout.payoutId}`,
    postings: [posting("debit", input.from, payout.amount), posting("credit", input.to, payout.amount)],
    metadata: { payout: payout.payoutId, merchant: payout.merchantId },
  };
}

function posting(side: Posting["side"], account: AccountName, amount: bigint): Posting {
  return { side, account, amount: nanodollars(amount) };
}

/** Leaves out legs of nothing; a draft without legs is none. A negative leg stays, and posting refuses it. */
function entry(
  kind: EntryDraft["kind"],
  idempotencyKey: string,
  legs: readonly Posting[],
  metadata: Readonly<Record<string, string>>,
): EntryDraft | null {
  const postings = legs.filter(({ amount }) => amount !== 0n);
  return postings.length === 0 ? null : { kind, idempotencyKey, postings, metadata };
}
