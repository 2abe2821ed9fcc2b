import { DomainError } from "../../../errors.ts";

/** No deposit has this id. */
export class DepositNotFound extends DomainError {
  constructor(depositId: string) {
    super({
      code: "deposit_not_found",
      status: 404,
      title: "Deposit not found",
      detail: "No deposit has this id.",
      members: { deposit_id: depositId },
    });
  }
}

/** The deposit is in no state in which it could be given to this account. Nothing was changed. */
export class DepositNotMovable extends DomainError {
  constructor(input: { readonly depositId: string; readonly status: string; readonly why: string }) {
    super({
      code: "deposit_not_movable",
      status: 409,
      title: "Deposit not movable",
      detail: input.why,
      members: { deposit_id: input.depositId, status: input.status },
    });
  }
}
