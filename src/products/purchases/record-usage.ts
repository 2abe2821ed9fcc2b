import { createHash } from "node:crypto";
import type { Knex } from "knex";
import type { z } from "zod";
import { DomainError } from "../../errors.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import { PurchaseNotFound, PurchaseTerminated } from "./errors.ts";
import { isEnding } from "./lifecycle.ts";
import { InvalidUsageReport } from "./lifecycle-errors.ts";
import type { MeteringNeeds } from "./metering.ts";
import { meterUsage } from "./metering.ts";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase } from "./purchase-store.ts";
import { insertUsageRefusal } from "./usage-refusal-store.ts";
import { toUsageReport, UsageBody } from "./usage-report.ts";

const KEPT_CHARACTERS = 20_000;
const PURCHASE_ID_CHARACTERS = 200;

/** What charging signalled usage needs. */
export type RecordUsageNeeds = MeteringNeeds & { readonly database: Knex };

/** What became of one report, in plain JSON. */
export type RecordedUsage = {
  readonly eventId: string | null;
  readonly outcome: "charged" | "refused";
  readonly amount: string | null;
  readonly entryId: string | null;
  readonly code: string | null;
};

const SignalledUsage = UsageBody.required({ event_id: true });

/**
 * Charges usage reported by signal, each event once: its key is HTTP's own, so the same event by both ways is one charge. A report that
 * can never be charged is written down as refused with the code HTTP would have answered, and holds up no other. Answers in the order
 * asked. Throws only what time may change (the database or the ledger are away), and then all of it may be sent again.
 */
export async function recordUsage(
  needs: RecordUsageNeeds,
  input: { readonly purchaseId: string; readonly reports: readonly unknown[] },
): Promise<RecordedUsage[]> {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  return Promise.all(input.reports.map((report) => recordOne(needs, { ...input, purchase, report })));
}

async function recordOne(
  needs: RecordUsageNeeds,
  input: { readonly purchaseId: string; readonly purchase: Purchase | null; readonly report: unknown },
): Promise<RecordedUsage> {
  const parsed = SignalledUsage.safeParse(input.report);
  const eventId = parsed.success ? parsed.data.event_id : null;
  try {
    if (!parsed.success) throw new InvalidUsageReport(describeIssues(parsed.error));
    const { posted, amount } = await charge(needs, input.purchase, parsed.data);
    return { eventId, outcome: "charged", amount: formatDollars(amount), entryId: posted.entryId, code: null };
  } catch (error) {
    if (!isFinal(error)) throw error;
    await keepRefusal(needs, { ...input, eventId, error });
    return { eventId, outcome: "refused", amount: null, entryId: null, code: error.code };
  }
}

function charge(needs: RecordUsageNeeds, purchase: Purchase | null, body: z.output<typeof SignalledUsage>) {
  if (purchase === null) throw new PurchaseNotFound();
  if (isEnding(purchase.status)) throw new PurchaseTerminated();
  return meterUsage(needs, purchase.terms, toUsageReport(purchase.id, body, body.event_id));
}

function isFinal(error: unknown): error is DomainError {
  return error instanceof DomainError && error.status < 500 && error.status !== 429;
}

async function keepRefusal(
  needs: RecordUsageNeeds,
  refused: {
    readonly purchaseId: string;
    readonly eventId: string | null;
    readonly report: unknown;
    readonly error: DomainError;
  },
): Promise<void> {
  const json = JSON.stringify(refused.report) ?? "null";
  await insertUsageRefusal(needs.database, {
    purchaseId: refused.purchaseId.slice(0, PURCHASE_ID_CHARACTERS),
    eventId: refused.eventId,
    code: refused.error.code,
    detail: refused.error.message,
    report: json.slice(0, KEPT_CHARACTERS),
    reportHash: createHash("sha256").update(json).digest(),
  });
}

function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 5).map(({ path, message }) => `${path.join(".") || "report"}: ${message}`);
  return issues.join("; ").slice(0, 500);
}
