import type { Database } from "../../platform/database/pool.ts";
import { findAlert, markAlertDelivered } from "../../platform/operator-alert-store.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import { type DeliveryNeeds, deliver } from "./deliver.ts";
import { AlertNotTaken } from "./errors.ts";
import { currentSecrets } from "./webhook-secrets.ts";

/** Where alerts go: an address that takes signed webhooks, the newest secret first. */
export type AlertListener = {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly allowPrivateHosts: NonNullable<DeliveryNeeds["allowPrivateHosts"]>;
};

/** What delivering an alert needs; without a listener alerts are only kept. */
export type AlertNeeds = {
  readonly database: Database;
  readonly clock: DeliveryNeeds["clock"];
  readonly masterKey: MasterKey;
  readonly listener: AlertListener | null;
};

/**
 * Sends one operator alert as a signed webhook of type `operator.alert`; the alert's id is the webhook's id. Answers what became of it.
 * Throws `alert_not_taken` and the outbound failures, all of them retried.
 */
export async function deliverAlert(needs: AlertNeeds, input: { readonly alertId: string }): Promise<string> {
  const alert = await findAlert(needs.database, input.alertId);
  if (alert === undefined) return "unknown";
  if (alert.deliveredAt !== null) return "delivered";
  if (needs.listener === null) return "recorded (no webhook is configured)";
  const { url, allowPrivateHosts } = needs.listener;
  const secrets = await currentSecrets(needs, needs.listener.secrets);
  const since = alert.since.toISOString();
  const { id, subject, code, text } = alert;
  const data = { subject, code, text, since, resolved_at: alert.resolvedAt?.toISOString() ?? null };
  const notice = { type: "operator.alert", timestamp: since, data };
  const outcome = await deliver({ clock: needs.clock, allowPrivateHosts }, { id, url, secrets, notice });
  if (!outcome.delivered) throw new AlertNotTaken(outcome.status, outcome.retryAfterSeconds);
  await markAlertDelivered(needs.database, id);
  return "delivered";
}
