import type { WireObject } from "../../../integrations/x402/facilitator.ts";
import { readPaymentObject } from "../../../integrations/x402/payment-header.ts";
import type { SocketMessage } from "../../../platform/sockets/sockets.ts";
import type { PaymentNeeds } from "../payments/payment-needs.ts";
import type { AccessOutcome } from "../payments/taking/access-outcome.ts";
import { requestExtension } from "../payments/taking/request-extension.ts";
import { requiredInput, showGrant, showPending, unservedError } from "../payments/taking/show-outcome.ts";
import type { SocketPurchase } from "./session-sockets.ts";

/**
 * Opens the money path of sockets: the same quotes, payments and outcomes as `POST /api/v1/access/sessions/:token/extend`, said in
 * messages. Throws what that throws.
 */
export function openTopUp(needs: PaymentNeeds): (purchase: SocketPurchase) => Promise<SocketMessage> {
  return async ({ token, message }) => {
    const presented = message.type === "payment" ? readPaymentObject(message.x402Version, message.payload) : null;
    const wanted = message.units === undefined ? {} : { units: message.units };
    const request = { token, wanted, presented, idempotencyKey: null, signInHeader: null };
    return sayOutcome(needs, await requestExtension(needs, request));
  };
}

function sayOutcome(needs: PaymentNeeds, outcome: AccessOutcome): SocketMessage {
  if (outcome.kind === "payment_required") {
    const { options, resource, expiresAt, extensions, ...offer } = requiredInput(needs, outcome);
    return {
      ...{ ...offer, type: "payment_required", x402Version: 2, expiresAt: expiresAt.toISOString() },
      ...{ resource: { ...resource }, extensions: extensions ?? {} },
      accepts: options.map(({ requirements }) => requirements),
      acceptsV1: options.flatMap(({ requirementsV1 }): WireObject[] =>
        requirementsV1 === null ? [] : [requirementsV1],
      ),
    };
  }
  const response = { type: "payment_response", success: outcome.kind === "granted" };
  if (outcome.kind === "granted") {
    // Its holder has the token; what is not sent again cannot leak again.
    const { sessionToken: _token, websocketUrl: _url, ...grant } = showGrant(needs, outcome);
    return { ...grant, ...response };
  }
  if (outcome.kind === "pending") return { ...showPending(needs, outcome.payment), ...response };
  const { code, message: detail, members } = unservedError(needs, outcome.payment);
  return { ...members, ...response, status: "unserved", code, detail };
}
