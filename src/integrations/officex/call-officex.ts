import { z } from "zod";
import { DomainError } from "../../errors.ts";
import type { OutboundNeeds } from "../../platform/outbound/fetch.ts";
import { outboundFetch } from "../../platform/outbound/fetch.ts";
import type { OfficexHost } from "./allowed-hosts.ts";

const TIMEOUT_MS = 8_000;
const MAXIMUM_REPLY_BYTES = 64 * 1024;
const LONGEST_RETRY_AFTER_SECONDS = 86_400;
const ORGANISATION = /^[A-Za-z0-9][A-Za-z0-9_:-]{0,255}$/;
/** What an HTTP header carries unharmed; a line break in it would be a header of the customer's own. */
const HEADER_SAFE = /^[\x21-\x7e]{1,4096}$/;

/** Who is called and with what. `apiKey` is the organisation's own, in clear: it lives as long as the call. */
export type OfficexOrganisation = { readonly host: OfficexHost; readonly orgId: string; readonly apiKey: string };

/** What came of a call. `isFinal` says that another try would change nothing. Nothing here was written by the other side. */
export type OfficexOutcome = {
  readonly outcome: string;
  readonly isFinal: boolean;
  readonly text: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
};

const Reply = z.union([
  z.object({ ok: z.unknown().refine((value) => value !== undefined) }),
  z.object({ err: z.object({ code: z.union([z.number(), z.string()]) }) }),
]);

/**
 * Sends one POST to an organisation and reads its `{ok}` or `{err}`. Never throws for what the other side does: a refusal (401, 403), a
 * rejected body (400) and an address that may not be called are final; silence, 404 (the record may be on its way), 429 and 5xx are not.
 * Contract: OfficeX typescript-server, `/v1/drive/:org_id/...`.
 */
export async function callOfficex(
  needs: Pick<OutboundNeeds, "resolve">,
  { host, orgId, apiKey }: OfficexOrganisation,
  request: { readonly path: string; readonly body: unknown },
): Promise<OfficexOutcome> {
  if (!ORGANISATION.test(orgId)) return final("org_not_usable", "The organisation's id cannot be part of an address.");
  if (!HEADER_SAFE.test(apiKey)) return final("key_not_usable", "The organisation's key cannot be sent in a header.");
  try {
    const answer = await outboundFetch(
      { ...needs, allowPrivateHosts: host.isPlain ? [withPort(host)] : false },
      {
        url: `${host.base}/v1/drive/${orgId}/${request.path}`,
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(request.body),
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAXIMUM_REPLY_BYTES,
      },
    );
    return readAnswer(answer.status, answer.body, readRetryAfter(answer.headers["retry-after"]));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { outcome: error.code, isFinal: error.status < 500, text: error.message };
  }
}

function readAnswer(status: number, body: string, retryAfterSeconds: number | undefined): OfficexOutcome {
  const reply = Reply.safeParse(parseJson(body));
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && reply.success && "ok" in reply.data)
    return { outcome: "delivered", isFinal: true, text: "accepted", status };
  const stated = reply.success && "err" in reply.data ? Number(reply.data.err.code) : Number.NaN;
  const code = isSuccess && stated >= 300 && stated <= 599 ? stated : status;
  const wish = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { ...judge(code), status: code, ...wish };
}

function judge(code: number): OfficexOutcome {
  const text = `OfficeX answered ${code}.`;
  if (code === 401 || code === 403) return final("refused", `${text} The organisation's key is not accepted.`);
  if (code === 404) return { outcome: "not_found", isFinal: false, text: `${text} The record may still be created.` };
  if (code === 429) return { outcome: "rate_limited", isFinal: false, text };
  if (code >= 500 || code === 408 || code === 425) return { outcome: "unavailable", isFinal: false, text };
  if (code < 300) return { outcome: "reply_not_understood", isFinal: false, text: "The reply is not OfficeX's." };
  return final(code < 400 ? "redirected" : "rejected", text);
}

function final(outcome: string, text: string): OfficexOutcome {
  return { outcome, isFinal: true, text };
}

/** Only the seconds form: OfficeX sends no dates. */
function readRetryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,9}$/.test(value)
    ? Math.min(Number(value), LONGEST_RETRY_AFTER_SECONDS)
    : undefined;
}

function withPort({ host }: OfficexHost): string {
  return /:[0-9]+$/.test(host) ? host : `${host}:80`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
