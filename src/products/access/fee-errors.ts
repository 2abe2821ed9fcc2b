import { DomainError } from "../../errors.ts";

/** The dates of an earnings report are not a range it can be made for. */
export class EarningsRangeInvalid extends DomainError {
  constructor(detail: string) {
    super({ code: "earnings_range_invalid", status: 400, title: "Earnings range invalid", detail });
  }
}

/** The cursor is not one that the page before answered for the same question. */
export class EarningsCursorInvalid extends DomainError {
  constructor() {
    const detail = "The cursor is not the nextCursor of a page of the same report.";
    super({ code: "earnings_cursor_invalid", status: 400, title: "Earnings cursor invalid", detail });
  }
}

/** No invoice has this id, or it is another merchant's: both look the same to the caller. */
export class InvoiceNotFound extends DomainError {
  constructor() {
    super({ code: "invoice_not_found", status: 404, title: "Invoice not found", detail: "No invoice has this id." });
  }
}

/** The invoice was marked as paid before, under another reference. Nothing was booked. */
export class InvoiceAlreadyPaid extends DomainError {
  constructor() {
    const detail = "This invoice was marked as paid under another reference.";
    super({ code: "invoice_already_paid", status: 409, title: "Invoice already paid", detail });
  }
}

/** No payout has this id. */
export class PayoutNotFound extends DomainError {
  constructor() {
    super({ code: "payout_not_found", status: 404, title: "Payout not found", detail: "No payout has this id." });
  }
}

/** The payout is paid or was called off: there is nothing left to call off or to send. Nothing was changed. */
export class PayoutNotOpen extends DomainError {
  constructor(payout: { readonly status: string; readonly transactionHash: string | null }) {
    const where = payout.transactionHash === null ? "" : ` in ${payout.transactionHash}`;
    super({
      code: "payout_not_open",
      status: 409,
      title: "Payout not open",
      detail: `The payout is ${payout.status}${where}.`,
      members: { status: payout.status },
    });
  }
}
