import { isIPv6 } from "node:net";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { ReplyHeaders } from "./define-route.ts";
import { RateLimited } from "./errors.ts";

/** One named limit: at most `limit` requests per `windowSeconds`, counted per address or per principal. */
export type RateLimitRule = { readonly limit: number; readonly windowSeconds: number; readonly by: "ip" | "principal" };

/** Named limits a route may refer to, or `off` for benches. */
export type RateLimits = Readonly<Record<string, RateLimitRule>> | "off";

/** A limit ready to count. `consume` resolves with the headers to send, or rejects with 429 `rate_limited`. */
export type RateLimiter = { readonly by: RateLimitRule["by"]; consume(key: string): Promise<ReplyHeaders> };

/** Seed 001's limits: payments 10 per minute and address, other calls 100 per 15 minutes and key. */
export const DEFAULT_RATE_LIMITS = {
  payment: { limit: 10, windowSeconds: 60, by: "ip" },
  api: { limit: 100, windowSeconds: 900, by: "principal" },
} as const satisfies RateLimits;

/**
 * Opens the named limits, counted in this process's memory: N replicas admit up to N times the limit. Answers carry the IETF
 * `RateLimit-Policy` and `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-10).
 */
export function createRateLimiters(limits: RateLimits): (name: string) => RateLimiter | undefined {
  if (limits === "off") return () => undefined;
  const limiters = new Map(Object.entries(limits).map(([name, rule]) => [name, createLimiter(name, rule)]));
  return (name) => {
    const limiter = limiters.get(name);
    if (limiter === undefined) throw new Error(`No rate limit is named "${name}".`);
    return limiter;
  };
}

function createLimiter(name: string, rule: RateLimitRule): RateLimiter {
  const store = new RateLimiterMemory({ keyPrefix: name, points: rule.limit, duration: rule.windowSeconds });
  const policy = `"${name}";q=${rule.limit};w=${rule.windowSeconds}`;
  const describe = (state: RateLimiterRes) => ({
    "ratelimit-policy": policy,
    ratelimit: `"${name}";r=${Math.max(0, state.remainingPoints)};t=${secondsUntil(state)}`,
  });
  return {
    by: rule.by,
    consume: async (key) => {
      try {
        return describe(await store.consume(groupAddress(key)));
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) throw new RateLimited(secondsUntil(refusal), describe(refusal));
        throw refusal;
      }
    },
  };
}

function secondsUntil(state: RateLimiterRes): number {
  return Math.max(1, Math.ceil(state.msBeforeNext / 1000));
}

/** IPv6 callers own a /64, so they are counted by it; otherwise each request could come from a fresh address. */
function groupAddress(key: string): string {
  if (!isIPv6(key) || key.startsWith("::ffff:")) return key;
  const [head = "", tail] = key.split("::", 2);
  const groups = head.split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").filter((group) => group !== "").length;
  return [...groups, ...new Array<string>(Math.max(0, missing)).fill("0"), ...(tail ?? "").split(":")]
    .slice(0, 4)
    .join(":");
}
