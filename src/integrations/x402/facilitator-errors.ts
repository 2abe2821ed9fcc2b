import { DomainError } from "../../errors.ts";

/** `facilitator_unavailable`: a facilitator is not configured, or did not say what it supports. Trying again later may help. */
export class FacilitatorUnavailable extends DomainError {
  constructor(name: string, reason: string, cause?: unknown) {
    super({
      code: "facilitator_unavailable",
      status: 503,
      title: "The facilitator cannot be used now",
      detail: `The facilitator ${name} cannot be used: ${reason}`,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
