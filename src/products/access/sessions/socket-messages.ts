import { z } from "zod";
import { keptText } from "../schemas.ts";

const WholeObject = z.record(z.string(), z.json());

/**
 * What a client may say in a session's socket. `auth` comes first, unless the address or a subprotocol named the token; `lastSeq` is the
 * last event it saw. `extend` asks for the price of more time, `payment` pays it, exactly as over HTTP.
 */
export const ClientMessage = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("auth"),
    token: z.string().max(128),
    lastSeq: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal("extend"),
    id: keptText({ minimum: 1, maximum: 64 }).optional(),
    units: z.int().min(1).max(1_000_000).optional(),
  }),
  z.strictObject({
    type: z.literal("payment"),
    id: keptText({ minimum: 1, maximum: 64 }).optional(),
    units: z.int().min(1).max(1_000_000).optional(),
    x402Version: z.union([z.literal(1), z.literal(2)]),
    payload: WholeObject,
  }),
  z.strictObject({ type: z.literal("ping"), id: keptText({ minimum: 1, maximum: 64 }).optional() }),
]);
/** One such message. */
export type ClientMessage = z.output<typeof ClientMessage>;

/** Why the server closes a session's socket, by code. Source: the session protocol of the access room. */
export const CLOSE = {
  over: 4000,
  unauthorised: 4401,
  revoked: 4403,
  tooMany: 4429,
} as const;

/** How an ended session closes its sockets; null while it is active. */
export function closingOf(status: string): { readonly code: number; readonly reason: string } | null {
  if (status === "active") return null;
  if (status === "revoked") return { code: CLOSE.revoked, reason: "session_revoked" };
  return { code: CLOSE.over, reason: `session_${status}` };
}
