import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";

const SECRET_BYTES = 32;

/** A new signing secret as Standard Webhooks writes them: `whsec_` and 256 random bits in base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/**
 * The three headers of Standard Webhooks 1.0: the message id (the same in every attempt), the time of this attempt, and one
 * `v1` signature per secret, so that the receiver may hold either while a secret is being replaced.
 */
export function signedHeaders(input: {
  readonly id: string;
  readonly attemptedAt: Date;
  readonly body: string;
  readonly secrets: readonly string[];
}): Record<string, string> {
  const { id, attemptedAt, body, secrets } = input;
  if (secrets.length === 0) throw new Error("A webhook needs at least one secret.");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(attemptedAt.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, attemptedAt, body)).join(" "),
  };
}
