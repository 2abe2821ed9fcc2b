import { DomainError } from "../../../errors.ts";

/** What is asked for is not possible in the state the purchase is in. Nothing was changed. */
export class RepairNotAllowed extends DomainError {
  constructor(action: string, status: string, why: string) {
    super({
      code: "repair_not_allowed",
      status: 409,
      title: "Repair not allowed",
      detail: why,
      members: { action, status },
    });
  }
}

/** There is nothing to try again or to leave out: the workflow does not stand still. */
export class NotStuck extends DomainError {
  constructor(subject: string) {
    super({
      code: "not_stuck",
      status: 409,
      title: "Not stuck",
      detail: `${subject} does not stand still at any step, so there is nothing to repair.`,
      members: { subject },
    });
  }
}

/** The balance is zero, or no deposit is left that it could go back with. Nothing was changed. */
export class NothingToRefund extends DomainError {
  constructor() {
    super({
      code: "nothing_to_refund",
      status: 409,
      title: "Nothing to refund",
      detail: "There is no balance, or no deposit of this purchase that it could go back with.",
    });
  }
}
