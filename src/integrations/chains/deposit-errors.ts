import { DomainError } from "../../errors.ts";

/** No deposit with this id. */
export class DepositNotFound extends DomainError {
  constructor(id: string) {
    super({
      code: "deposit_not_found",
      status: 404,
      title: "Deposit not found",
      detail: `There is no deposit "${id.slice(0, 64)}".`,
    });
  }
}

/** The deposit cannot be given to this account: it is not in suspense (any more), or has no dollars in the books. Nothing was changed. */
export class DepositNotAssignable extends DomainError {
  constructor(id: string, reason: string) {
    super({
      code: "deposit_not_assignable",
      status: 409,
      title: "Deposit not assignable",
      detail: `Deposit ${id} cannot be assigned: ${reason}.`,
    });
  }
}
