import type { IncomingHttpHeaders } from "node:http";
import { readPresentedPayment } from "../../../../integrations/x402/payment-header.ts";
import type { ReplyHeaders } from "../../../../platform/http/define-route.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import type { AccessOutcome } from "./access-outcome.ts";
import type { AccessRequest } from "./access-request.ts";
import { showGrant, showPending, showRequired, takenHeaders, unservedError } from "./show-outcome.ts";

/** Reads what a paid request brings in its headers. Throws as `readPresentedPayment` does. */
export function readAccessRequest(
  headers: IncomingHttpHeaders,
  input: { readonly wanted: AccessRequest["wanted"]; readonly idempotencyKey: string | undefined },
): AccessRequest {
  const signIn = headers["sign-in-with-x"];
  return {
    wanted: input.wanted,
    presented: readPresentedPayment(headers),
    idempotencyKey: input.idempotencyKey ?? null,
    signInHeader: typeof signIn === "string" ? signIn : null,
  };
}

/** An outcome as HTTP says it: 200, 202 with where to look, or 402. Throws 409 `paid_but_unserved`. */
export function answerOutcome(needs: PaymentNeeds, outcome: AccessOutcome) {
  if (outcome.kind === "payment_required") {
    const { status, headers, body } = showRequired(needs, outcome);
    return { status, headers, body: { ...body, accepts: [...body.accepts], hints: [...body.hints] } };
  }
  const { payment } = outcome;
  const headers: ReplyHeaders = { ...takenHeaders(needs, payment), "cache-control": "private, no-store" };
  if (outcome.kind === "granted") return { status: 200 as const, headers, body: showGrant(needs, outcome) };
  if (outcome.kind === "unserved") throw unservedError(needs, payment);
  const body = showPending(needs, payment);
  const look = { location: body.statusUrl, "retry-after": String(body.retryAfterSeconds) };
  return { status: 202 as const, headers: { ...headers, ...look }, body };
}
