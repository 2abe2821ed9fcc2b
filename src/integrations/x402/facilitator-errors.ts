import { DomainError } from "../../errors.ts";

/** `facilitator_unusable`: a facilitator is not configured, or did not say what it supports. Trying again later may help. */
export class FacilitatorUnusable extends DomainError {
  constructor(name: string, reason: string, cause?: unknown, retryAfterSeconds = 10) {
    super({
      code: "facilitator_unusable",
      status: 503,
      title: "The facilitator cannot be used now",
      detail: `The facilitator ${name} cannot be used: ${reason}`,
      members: { retryAfterSeconds },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
