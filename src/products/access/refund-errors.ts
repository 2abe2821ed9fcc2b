import { DomainError } from "../../errors.ts";

/** No balance of a payer has this id, or its tokens are not with this merchant: both look the same to the caller. */
export class RefundDueNotFound extends DomainError {
  constructor() {
    const detail = "No payer's balance that you have the tokens of has this id.";
    super({ code: "refund_due_not_found", status: 404, title: "Refund not found", detail });
  }
}

/** Nothing is left of the balance: it was spent or given back. Nothing was booked. */
export class RefundNotDue extends DomainError {
  constructor() {
    const detail = "This payer has nothing left here: it was spent, or given back already.";
    super({ code: "refund_not_due", status: 409, title: "Refund not due", detail });
  }
}

/** The transaction is not deep enough in its chain yet, or no node has it. Nothing was booked; ask again. */
export class RefundNotSeen extends DomainError {
  constructor(detail: string) {
    const members = { retryAfterSeconds: 5 };
    super({ code: "refund_not_seen", status: 409, title: "Refund not seen yet", detail, members });
  }
}

/** The transaction did not give this payer its money back: another payee, token or time, or not the merchant's money. Nothing was booked. */
export class RefundNotProven extends DomainError {
  constructor(detail: string) {
    super({ code: "refund_not_proven", status: 422, title: "Refund not proven", detail });
  }
}

/** The transaction is counted already, as another refund, a payment or a payout. Nothing was booked. */
export class RefundTransactionUsed extends DomainError {
  constructor() {
    const detail = "This transaction is counted already. Each gives money back once.";
    super({ code: "refund_transaction_used", status: 409, title: "Transaction used", detail });
  }
}
