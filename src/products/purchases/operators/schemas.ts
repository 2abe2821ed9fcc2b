import { z } from "zod";

/** Facts as Postgres has them, for people: texts, numbers, times as ISO 8601. */
export const Fact = z.record(z.string(), z.unknown());

/** One thing an operator did, as shown. */
export const ActionView = z
  .object({
    number: z.string(),
    request_id: z.string(),
    subject: z.string(),
    action: z.string(),
    actor: z.string(),
    note: z.string(),
    input: z.unknown(),
    outcome: z.unknown(),
    acted_at: z.string(),
  })
  .meta({ id: "OperatorAction" });

/** How many rows a page has. */
export const PageLimit = z.coerce.number().int().min(1).max(200).default(50);

/** A switch in a query string. */
export const Switch = z
  .enum(["true", "false"])
  .default("false")
  .transform((given) => given === "true");
