import { DomainError, type JsonValue } from "../../errors.ts";
import { OutboundAddressRefused } from "../../platform/outbound/errors.ts";
import {
  keepConnections,
  type OutboundNeeds,
  type OutboundResponse,
  outboundFetch,
} from "../../platform/outbound/fetch.ts";
import type { Facilitator, FacilitatorCall } from "./facilitator.ts";
import { readSettleAnswer, readSupported, readVerifyAnswer } from "./facilitator-answer.ts";
import { FacilitatorUnusable } from "./facilitator-errors.ts";

/** How long each call may take, in milliseconds. PayAI's may settle for 100 seconds before it says `settlement_pending`. */
const TIMEOUTS = { supported: 10_000, verify: 20_000, settle: 110_000 };
const RETRY_SECONDS = 5;

/** One facilitator: `name` is stored with quotes and payments, `headers` are made anew for each call (credentials expire). */
export type HttpFacilitatorSettings = {
  readonly name: string;
  readonly url: string;
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  readonly timeouts?: Partial<typeof TIMEOUTS>;
};

/**
 * A facilitator behind x402's HTTP interface. It is the operator who names it, so it may be at a private address. Answers are bounded and
 * redirects are not followed. No call throws but `supported`; what each outcome means is said with its type.
 */
export function openHttpFacilitator(
  needs: Pick<OutboundNeeds, "resolve">,
  settings: HttpFacilitatorSettings,
): Facilitator {
  const timeouts = { ...TIMEOUTS, ...settings.timeouts };
  const url = settings.url.replace(/\/+$/, "");
  const outbound = { ...needs, allowPrivateHosts: true, connections: keepConnections() };
  const post = async (path: "verify" | "settle", call: FacilitatorCall) => {
    const headers = { "content-type": "application/json", accept: "application/json", ...(await settings.headers?.()) };
    const body = JSON.stringify(call);
    return outboundFetch(outbound, { url: `${url}/${path}`, method: "POST", headers, body, timeoutMs: timeouts[path] });
  };
  return {
    name: settings.name,
    url,
    supported: async () => {
      const response = await outboundFetch(outbound, {
        url: `${url}/supported`,
        method: "GET",
        headers: { accept: "application/json", ...(await settings.headers?.()) },
        timeoutMs: timeouts.supported,
        maxResponseBytes: 512 * 1024,
      }).catch((error: unknown) => Promise.reject(new FacilitatorUnusable(settings.name, describe(error), error)));
      const kinds = readSupported(response);
      if (kinds !== undefined) return kinds;
      throw new FacilitatorUnusable(
        settings.name,
        `it says in no known form what it supports (HTTP ${response.status})`,
      );
    },
    verify: async (call) => {
      // A kept connection may be closed while we take it up again. Checking twice does nothing; and settling comes right after.
      const first = await attempt(() => post("verify", call));
      const got = "response" in first || !first.wasCut ? first : await attempt(() => post("verify", call));
      if ("response" in got) return readVerifyAnswer(got.response);
      return { kind: "unavailable", detail: got.detail, retryAfterSeconds: RETRY_SECONDS, raw: got.raw };
    },
    settle: async (call) => {
      const got = await attempt(() => post("settle", call));
      if ("response" in got) return readSettleAnswer(got.response, networksOf(call));
      if (got.wasSent) return { kind: "unknown", transaction: null, detail: got.detail, raw: got.raw };
      return { kind: "not_sent", detail: got.detail, retryAfterSeconds: RETRY_SECONDS, raw: got.raw };
    },
  };
}

/** `wasCut`: the connection ended without an answer, as a kept one does that the other side gave up at the same moment. */
type Missed = {
  readonly detail: string;
  readonly wasSent: boolean;
  readonly wasCut: boolean;
  readonly raw: JsonValue;
};

async function attempt(
  send: () => Promise<OutboundResponse>,
): Promise<{ readonly response: OutboundResponse } | Missed> {
  try {
    return { response: await send() };
  } catch (error) {
    const detail = describe(error);
    const raw = { failed: error instanceof DomainError ? error.code : "no_answer", detail };
    const { code } = causeOf(error);
    return { detail, wasSent: !isFromBeforeSending(error), wasCut: code === "ECONNRESET" || code === "EPIPE", raw };
  }
}

const UNTRUSTED_CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** No name, no connection, no trusted certificate, no address to call: the request's bytes never left. A time-out may be anything. */
function isFromBeforeSending(error: unknown): boolean {
  if (error instanceof OutboundAddressRefused) return true;
  const { syscall, code } = causeOf(error);
  return syscall === "connect" || syscall === "getaddrinfo" || UNTRUSTED_CERTIFICATE.test(code);
}

function causeOf(error: unknown): { readonly syscall: string; readonly code: string } {
  const cause = error instanceof DomainError ? error.cause : undefined;
  const member = (name: "syscall" | "code") =>
    cause instanceof Error && name in cause ? String(Reflect.get(cause, name)) : "";
  return { syscall: member("syscall"), code: member("code") };
}

/** Errors of our own door out name host and kind only; of any other nothing is repeated. */
function describe(error: unknown): string {
  return error instanceof DomainError ? error.message : "the call failed";
}

/** Both spellings of the network the call is about, as a facilitator may answer in either. */
function networksOf({ paymentRequirements, paymentPayload }: FacilitatorCall): readonly string[] {
  return [paymentRequirements.network, paymentPayload.network].filter(
    (name): name is string => typeof name === "string",
  );
}
