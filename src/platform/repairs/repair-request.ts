import { z } from "zod";
import { isKeepableText } from "../http/wire-text.ts";
import { InvalidRepair } from "./errors.ts";

const kept = (maximum: number) =>
  z.string().max(maximum).refine(isKeepableText, "expected text without zero characters and unpaired surrogates");

/** What every repair is told: who, why, and the request id that makes the same repair sent again the same repair. */
export const RepairSignature = {
  requestId: kept(255).min(1).meta({ description: "Your own name for this one repair." }),
  actor: kept(500).min(1).meta({ description: "Who repairs; kept for ever." }),
  note: kept(500).meta({ description: "Why; kept for ever." }),
};

/** What a repair answers, on the wire. */
export const RepairReply = z
  .object({
    requestId: z.string(),
    subject: z.string(),
    action: z.string(),
    outcome: z.string(),
    data: z.record(z.string(), z.unknown()),
    actedAt: z.string(),
  })
  .meta({ id: "RepairAnswer" });

/** Reads an input by its schema. Throws {@link InvalidRepair} naming each wrong member. */
export function parseRepair<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new InvalidRepair(
    result.error.issues.map(({ path, message }) => ({ path: path.join(".") || "repair", message })),
  );
}
