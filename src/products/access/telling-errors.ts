import { DomainError } from "../../errors.ts";

/** The address a merchant gave cannot take webhooks, whatever answers there. */
export class WebhookUrlRefused extends DomainError {
  constructor(reason: string) {
    super({
      code: "webhook_url_refused",
      status: 422,
      title: "This address cannot take webhooks",
      detail: `The address cannot take webhooks: ${reason}.`,
      members: { reason },
    });
  }
}

/** The merchant has no webhook: there is nothing to test, to rotate or to show. */
export class WebhookNotSet extends DomainError {
  constructor() {
    super({
      code: "webhook_not_set",
      status: 404,
      title: "No webhook is set",
      detail: "You have no webhook. PUT /api/v1/merchant/webhook sets one.",
    });
  }
}

/** The merchant was told no such thing, or more than 90 days ago. */
export class MerchantEventNotFound extends DomainError {
  constructor() {
    super({
      code: "merchant_event_not_found",
      status: 404,
      title: "No such event",
      detail: "You have no event of this id. GET /api/v1/merchant/events lists them, for 90 days.",
    });
  }
}
