import { z } from "zod";
import type { JsonValue } from "../../errors.ts";
import type { UsageReport } from "./metering.ts";
import { Metadata, text, WireDecimal } from "./schemas.ts";

/** A usage report as it comes in, by HTTP or by signal. */
export const UsageBody = z.object({
  event_id: text({ minimum: 1, maximum: 255 }).optional(),
  usage_amount: WireDecimal,
  usage_unit: text({ minimum: 1, maximum: 64 }),
  billed_amount: WireDecimal.optional(),
  timestamp: z.union([z.iso.datetime({ offset: true }), z.number().int().min(0).max(8.64e15)]).optional(),
  description: text({ maximum: 1024 }).optional(),
  metadata: Metadata.optional(),
});

/** The report a body makes under an event id: the same whichever way it came, so that it is one charge. Pure. */
export function toUsageReport(purchaseId: string, body: z.output<typeof UsageBody>, eventId: string): UsageReport {
  const metadata: Readonly<Record<string, JsonValue>> | null = body.metadata ?? null;
  return {
    purchaseId,
    eventId,
    quantity: body.usage_amount,
    unit: body.usage_unit,
    billedAmount: body.billed_amount ?? null,
    occurredAt: body.timestamp === undefined ? null : new Date(body.timestamp),
    description: body.description ?? null,
    metadata,
  };
}
