import { z } from "zod";
import type { Reason } from "./appstore-ranking.ts";

/** Why something stands where it does: the points of `parts` sum to `score`. */
export const ReasonView = z
  .object({
    score: z.number().int(),
    text: z.string(),
    parts: z.array(z.object({ hint: z.string(), value: z.string(), points: z.number().int(), why: z.string() })),
  })
  .meta({ id: "RankingReason" });

/** A reason as it goes over the wire. Pure. */
export function showReason({ score, text, parts }: Reason): z.input<typeof ReasonView> {
  return { score, text, parts: [...parts] };
}
