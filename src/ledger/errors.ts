import { DomainError } from "../errors.ts";
import type { Nanodollars } from "../money/nanodollars.ts";
import { formatDollars } from "../money/nanodollars.ts";

/**
 * The account cannot pay: its available balance would fall below its credit line. Nothing was posted. Members `balance` and
 * `required` are decimal dollars; `thresholds_crossed` names what the refusal itself crossed.
 */
export class InsufficientFunds extends DomainError {
  readonly balance: Nanodollars;
  readonly required: Nanodollars;
  readonly thresholdsCrossed: readonly string[];

  constructor(balance: Nanodollars, required: Nanodollars, thresholdsCrossed: readonly string[] = []) {
    const members = {
      balance: formatDollars(balance),
      required: formatDollars(required),
      thresholds_crossed: thresholdsCrossed,
    };
    const detail = `${members.required} US dollars are needed and ${members.balance} are available.`;
    super({ code: "insufficient_funds", status: 402, title: "Insufficient funds", detail, members });
    this.balance = balance;
    this.required = required;
    this.thresholdsCrossed = thresholdsCrossed;
  }
}

/** Debits and credits of a draft differ. A posting function is wrong: nothing a caller sends can cause it. */
export class UnbalancedEntry extends DomainError {
  constructor(detail: string) {
    super({ code: "unbalanced_entry", status: 500, title: "Unbalanced entry", detail });
  }
}

/** A draft is not one the books can take: no postings, an account on both sides, a bad amount, quantity or text. */
export class InvalidEntry extends DomainError {
  constructor(detail: string) {
    super({ code: "invalid_entry", status: 422, title: "Invalid entry", detail });
  }
}

/** The idempotency key was used before for another input. Nothing was posted. */
export class IdempotencyConflict extends DomainError {
  constructor() {
    const detail = "This idempotency key was already used for a different request.";
    super({ code: "idempotency_conflict", status: 409, title: "Idempotency conflict", detail });
  }
}

/** A customer account was never opened. */
export class UnknownAccount extends DomainError {
  constructor() {
    super({ code: "unknown_account", status: 404, title: "Unknown account", detail: "This account does not exist." });
  }
}

/** The account, a grant past its expiry, can no longer be spent from. */
export class AccountClosed extends DomainError {
  constructor() {
    super({ code: "account_closed", status: 409, title: "Account closed", detail: "This account no longer pays." });
  }
}

/** The entry does not exist, or its id is not an entry id. */
export class EntryNotFound extends DomainError {
  constructor() {
    super({ code: "entry_not_found", status: 404, title: "Entry not found", detail: "This entry does not exist." });
  }
}

/** The entry moved nothing that could be given back, such as a hold that was only authorised. */
export class EntryNotReversible extends DomainError {
  constructor() {
    const detail = "This entry only reserved money; release its hold instead.";
    super({ code: "entry_not_reversible", status: 409, title: "Entry not reversible", detail });
  }
}

/** No hold has this id. */
export class HoldNotFound extends DomainError {
  constructor() {
    super({ code: "hold_not_found", status: 404, title: "Hold not found", detail: "This hold does not exist." });
  }
}

/** The hold ran out before it was settled; its money is free again, or will be as soon as the expiry is posted. */
export class HoldExpired extends DomainError {
  constructor() {
    super({ code: "hold_expired", status: 409, title: "Hold expired", detail: "This hold has expired." });
  }
}

/** The hold may not be expired yet: its time has not come. */
export class HoldNotExpired extends DomainError {
  constructor() {
    super({ code: "hold_not_expired", status: 409, title: "Hold not expired", detail: "This hold is still valid." });
  }
}

/** The hold was settled, released or expired before, by another request. */
export class HoldAlreadyClosed extends DomainError {
  constructor() {
    const detail = "This hold was already settled, released or expired.";
    super({ code: "hold_already_closed", status: 409, title: "Hold already closed", detail });
  }
}

/** More was to be settled than the hold reserved. Member `held` is decimal dollars. The hold stays open. */
export class HoldExceeded extends DomainError {
  constructor(held: Nanodollars) {
    const members = { held: formatDollars(held) };
    const detail = `The hold reserved ${members.held} US dollars; more cannot be settled from it.`;
    super({ code: "hold_exceeded", status: 422, title: "Hold exceeded", detail, members });
  }
}

/** No grant has this id. */
export class GrantNotFound extends DomainError {
  constructor() {
    super({ code: "grant_not_found", status: 404, title: "Grant not found", detail: "This grant does not exist." });
  }
}

/** The grant may not be taken back yet: its time has not come, or it has none. */
export class GrantNotExpired extends DomainError {
  constructor() {
    super({ code: "grant_not_expired", status: 409, title: "Grant not expired", detail: "This grant is still valid." });
  }
}

/** More of a balance than the books can count: about 9.2 billion dollars. */
export class BalanceOverflow extends DomainError {
  constructor() {
    const detail = "The balance would exceed what the books can hold.";
    super({ code: "balance_overflow", status: 422, title: "Balance overflow", detail });
  }
}

/** Lowering the credit line is refused while more than the new one is in use. */
export class CreditLineInUse extends DomainError {
  constructor() {
    const detail = "More than the new credit line is in use.";
    super({ code: "credit_line_in_use", status: 409, title: "Credit line in use", detail });
  }
}

/** Too much is waiting to be posted. Nothing was posted; the same request may be sent again after `retry_after_seconds`. */
export class LedgerOverloaded extends DomainError {
  constructor(cause?: unknown) {
    const detail = "Too many postings are waiting. Send the same request again shortly.";
    const members = { retry_after_seconds: 1 };
    super({ code: "ledger_overloaded", status: 503, title: "Ledger overloaded", detail, members, cause });
  }
}

/** The database could not be reached. It is unknown whether the entry was posted; the same request may be sent again. */
export class LedgerUnavailable extends DomainError {
  constructor(cause?: unknown) {
    const detail = "The ledger cannot be reached. Send the same request again shortly.";
    const members = { retry_after_seconds: 5 };
    super({ code: "ledger_unavailable", status: 503, title: "Ledger unavailable", detail, members, cause });
  }
}
