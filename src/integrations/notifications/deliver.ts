import { z } from "zod";
import { type OutboundNeeds, outboundFetch } from "../../platform/outbound/fetch.ts";
import { signedHeaders } from "./webhook-signature.ts";

const TIMEOUT_MS = 15_000;
const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;

type NoticeValue = string | boolean | number | null | readonly NoticeValue[] | { readonly [name: string]: NoticeValue };

/** Whole numbers only: an amount of money is a decimal string, and a fraction here would be one that forgot to be. */
const NoticeValue: z.ZodType<NoticeValue> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.int(), z.null(), z.array(NoticeValue), z.record(z.string(), NoticeValue)]),
);

/**
 * What a receiver gets: `type` such as `purchase.balance_low`, `timestamp` of the event (not of the attempt), `data` with money
 * as decimal strings. Source: Standard Webhooks 1.0, "Payload structure".
 */
export const NoticeBody = z.object({
  type: z.string().regex(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), NoticeValue),
});

/** A notice that fits `NoticeBody`. */
export type NoticeBody = z.infer<typeof NoticeBody>;

/** One attempt: `id` is the event's and never changes; `secrets` are all that are valid now, newest first. */
export type Delivery = {
  readonly id: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly notice: NoticeBody;
};

/** What calling out needs, and the time of the attempt. */
export type DeliveryNeeds = OutboundNeeds & { readonly clock: { readonly now: () => number } };

/**
 * What the receiver said. Delivered is any 2xx. `retryAfterSeconds` is the receiver's own wish, at most a day. 410 means it
 * wants no more of these; a redirect counts as not delivered.
 */
export type DeliveryOutcome = {
  readonly delivered: boolean;
  readonly status: number;
  readonly retryAfterSeconds?: number;
};

/**
 * Sends one notice once, signed; who calls keeps trying. Failures: `outbound_unreachable` (try again), `outbound_address_refused`
 * (never), none of which holds a secret or the URL's path.
 */
export async function deliver(needs: DeliveryNeeds, input: Delivery): Promise<DeliveryOutcome> {
  const body = JSON.stringify(NoticeBody.parse(input.notice));
  const now = needs.clock.now();
  const headers = signedHeaders({ id: input.id, attemptedAt: new Date(now), body, secrets: input.secrets });
  const answer = await outboundFetch(needs, {
    url: input.url,
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    timeoutMs: TIMEOUT_MS,
    // The status is the whole answer: a receiver that took the notice and then dawdles must not get it twice.
    maxResponseBytes: 0,
  });
  const { status } = answer;
  if (status >= 200 && status < 300) return { delivered: true, status };
  const retryAfterSeconds = readRetryAfter(answer.headers["retry-after"], now);
  return { delivered: false, status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3); nonsense counts as no wish. */
function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}
