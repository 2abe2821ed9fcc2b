import type { Knex } from "knex";
import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { RepairAnswer, RepairWorkDone } from "../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { SessionNotFound } from "../errors.ts";
import { SessionEnded } from "../session-errors.ts";
import type { EndEarlyNeeds } from "./end-early.ts";
import { giveTime } from "./extend-session.ts";
import { revokeSession } from "./revoke-session.ts";
import { findSession, readDatabaseTime } from "./session-store.ts";

const LONGEST_GIFT_SECONDS = 30 * 86_400;

/** What operators may do with a session, as it comes through any door. */
export const SessionRepair = z.discriminatedUnion("action", [
  z.strictObject({
    ...RepairSignature,
    action: z.literal("extendSession"),
    seconds: z.int().min(1).max(LONGEST_GIFT_SECONDS).meta({ description: "How much longer, free of charge." }),
    dryRun: z.boolean().optional(),
  }),
  z.strictObject({
    ...RepairSignature,
    action: z.literal("revokeSession"),
    givesBack: z.boolean().optional().meta({
      description: "Whether what was paid for the time that is left becomes the payers' balance. Default true.",
    }),
    dryRun: z.boolean().optional(),
  }),
]);

/** What repairing a session needs. */
export type SessionRepairNeeds = EndEarlyNeeds & { readonly database: Knex };

/**
 * Performs an operator's repair of a session, whichever door it came through: `extendSession` gives time free of charge, `revokeSession`
 * takes the session away. Written down for ever, and done once per request id. Throws `invalid_repair`, `session_not_found`,
 * `session_ended`, `request_id_reused`.
 */
export async function repairSession(
  needs: SessionRepairNeeds,
  input: { readonly sessionId: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { sessionId } = input;
  const { requestId, actor, note, dryRun, ...own } = parseRepair(SessionRepair, input.request);
  const subject = `access-session/${sessionId}`;
  const signed = { requestId, subject, actor, note, isDryRun: dryRun === true };
  if (own.action === "extendSession") {
    const { action, seconds } = own;
    const call = { ...signed, action, input: { seconds } };
    return repairOnce(needs, call, (transaction) => give(transaction, { sessionId, seconds }));
  }
  const { action, givesBack = true } = own;
  const call = { ...signed, action, input: { givesBack } };
  return repairOnce(needs, call, (transaction) => revoke(transaction, needs, { sessionId, givesBack }));
}

async function give(
  transaction: Knex.Transaction,
  { sessionId, seconds }: { readonly sessionId: string; readonly seconds: number },
): Promise<RepairWorkDone> {
  const now = await readDatabaseTime(transaction);
  const session = await giveTime(transaction, { sessionId, seconds, now });
  if (session === "too_late") {
    const ended = await findSession(transaction, sessionId);
    throw ended === null ? new SessionNotFound() : new SessionEnded(ended);
  }
  const expiresAt = session.expiresAt.toISOString();
  return { text: `It runs until ${expiresAt}.`, data: { expiresAt }, wakes: [] };
}

async function revoke(
  transaction: Knex.Transaction,
  needs: EndEarlyNeeds,
  input: { readonly sessionId: string; readonly givesBack: boolean },
): Promise<RepairWorkDone> {
  const { returned } = await revokeSession(transaction, needs, { ...input, merchantId: null });
  const amount = formatDollars(returned);
  return { text: `It is revoked; ${amount} USD became its payers' balance.`, data: { returned: amount }, wakes: [] };
}
