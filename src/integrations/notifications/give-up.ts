import type { Database } from "../../platform/database/pool.ts";
import type { Channel } from "./delivery-log-store.ts";
import { findLastAttempt, insertAttempt } from "./delivery-log-store.ts";

/** A delivery that was tried for as long as it may be. */
export type GiveUpInput = { readonly eventId: string; readonly channel: Channel };

/**
 * Writes down that a best-effort delivery is given up, so that the log shows its end; a second time adds nothing. Answers it in words. An
 * operator can send it again at any time (`npm run webhooks -- resend`).
 */
export async function giveUpDelivery(needs: { readonly database: Database }, input: GiveUpInput): Promise<string> {
  const last = await findLastAttempt(needs.database, input);
  if (last?.outcome === "delivered") return "delivered";
  if (last?.outcome !== "given_up") {
    await insertAttempt(needs.database, {
      ...input,
      attempt: (last?.attempt ?? 0) + 1,
      destination: last?.destination ?? null,
      outcome: "given_up",
      status: null,
      detail: `Given up after three days; the last answer was ${last?.outcome ?? "none"}.`,
      durationMilliseconds: 0,
      nextTryAt: null,
    });
  }
  return `given up after three days (${last?.outcome ?? "no answer"})`;
}
