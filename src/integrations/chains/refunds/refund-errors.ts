import { DomainError } from "../../../errors.ts";

/** The deposit cannot be sent back: it is not in suspense, has no known sender, or is promised back already. Nothing was changed. */
export class RefundNotPossible extends DomainError {
  constructor(depositId: string, reason: string) {
    super({
      code: "refund_not_possible",
      status: 409,
      title: "Refund not possible",
      detail: `The deposit ${depositId.slice(0, 64)} cannot be sent back: ${reason}.`,
    });
  }
}

/** There is no refund with this id. */
export class RefundNotFound extends DomainError {
  constructor(id: string) {
    super({
      code: "refund_not_found",
      status: 404,
      title: "Refund not found",
      detail: `There is no refund "${id.slice(0, 64)}".`,
    });
  }
}

/** The refund is paid or was given up: nothing about it can be decided any more. */
export class RefundClosed extends DomainError {
  constructor(id: string, status: string) {
    super({
      code: "refund_closed",
      status: 409,
      title: "Refund closed",
      detail: `The refund ${id.slice(0, 64)} is ${status} already.`,
    });
  }
}

/** The sender is a contract: an exchange or a bridge would not know whose tokens these are. Waits for an operator. */
export class SenderIsContract extends DomainError {
  constructor(input: { readonly refundId: string; readonly destination: string }) {
    super({
      code: "sender_is_contract",
      status: 409,
      title: "Sender is a contract",
      detail: `Refund ${input.refundId} would go to the contract ${input.destination}, such as an exchange or a bridge, which may not credit it. Confirm the destination once its owner said so, or refuse the refund.`,
    });
  }
}

/** The tokens are in a wallet whose key is not here. */
export class TreasuryIsCold extends DomainError {
  constructor(input: {
    readonly refundId: string;
    readonly units: bigint;
    readonly token: string;
    readonly wallet: string;
  }) {
    super({
      code: "treasury_is_cold",
      status: 409,
      title: "Treasury is cold",
      detail: `Refund ${input.refundId} needs ${input.units} base units of ${input.token}, which are in the cold treasury. Send them to the vendor wallet ${input.wallet}; the refund then goes on by itself.`,
    });
  }
}

/** The vendor wallet does not hold the tokens yet: their sweep is under way. Asked again. */
export class RefundAwaitsTokens extends DomainError {
  constructor(input: { readonly refundId: string; readonly units: bigint; readonly token: string }) {
    super({
      code: "refund_awaits_tokens",
      status: 503,
      title: "Refund awaits tokens",
      detail: `Refund ${input.refundId} needs ${input.units} base units of ${input.token} in the vendor wallet. It goes on when their sweep has arrived.`,
    });
  }
}
