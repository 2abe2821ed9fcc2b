import { z } from "zod";
import type { JsonValue } from "../../errors.ts";
import { parseStrictJson } from "../../platform/http/strict-json.ts";
import type { OutboundResponse } from "../../platform/outbound/fetch.ts";
import type { SettleOutcome, SupportedKind, VerifyOutcome } from "./facilitator.ts";
import { explainReason, readReason } from "./facilitator-reasons.ts";

const optionalText = z.string().nullish();
const Verified = z.object({
  isValid: z.boolean(),
  invalidReason: optionalText,
  invalidMessage: optionalText,
  payer: optionalText,
});
const Settled = z.object({
  success: z.boolean(),
  errorReason: optionalText,
  errorMessage: optionalText,
  transaction: optionalText,
  payer: optionalText,
  network: optionalText,
});
const Kind = z.object({
  x402Version: z.union([z.literal(1), z.literal(2)]),
  scheme: z.string().max(64),
  network: z.string().max(128),
  extra: z.record(z.string(), z.json()).nullish(),
});
const Supported = z.object({ kinds: z.array(z.unknown()).max(1_000) });
const Transaction = z.object({ transaction: z.string().min(1).max(200) });

/** Refusals from before anybody looked at the payment: credentials, credit, address, rate. */
const TURNED_AWAY: ReadonlySet<number> = new Set([401, 402, 403, 404, 429]);
/** Said of a payment that is being looked at, or was; never a verdict. */
const UNDER_WAY = /settlement_pending|duplicate_settlement|unexpected_(?:settle|verify)_error/;

/** It may not pay so much for the network's fee, and sends nothing rather than let payments wait for each other. */
const FEES_TOO_HIGH = "facilitator_fees_too_high";
/** Trouble of the facilitator's own wallet. */
const FACILITATORS_OWN: ReadonlySet<string> = new Set(["facilitator_out_of_funds", FEES_TOO_HIGH]);

const DEFAULT_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;
const KEPT_CHARACTERS = 2_000;

/** The kinds of a `GET /supported` answer that we understand; undefined when it is none. */
export function readSupported(response: OutboundResponse): readonly SupportedKind[] | undefined {
  const parsed = Supported.safeParse(readBody(response).json);
  if (response.status !== 200 || !parsed.success) return undefined;
  return parsed.data.kinds.flatMap((kind) => {
    const known = Kind.safeParse(kind);
    return known.success ? [{ ...known.data, extra: known.data.extra ?? {} }] : [];
  });
}

/** What an answer to `/verify` means. Anything but a clear yes or no is `unavailable`: asking moved nothing. */
export function readVerifyAnswer(response: OutboundResponse): VerifyOutcome {
  const { json, raw } = readBody(response);
  const answer = Verified.safeParse(json).data;
  const reason = answer?.invalidReason ?? "";
  if (answer === undefined || response.status >= 500 || UNDER_WAY.test(reason)) {
    const detail = `the facilitator gave no answer to use (HTTP ${response.status}${reason === "" ? "" : `, ${reason.slice(0, 100)}`})`;
    return { kind: "unavailable", detail, retryAfterSeconds: retryAfter(response), raw };
  }
  const payer = answer.payer ? answer.payer : null;
  if (answer.isValid && response.status < 300) return { kind: "valid", payer, raw };
  const { code } = readReason(reason);
  const detail = explainReason({ code, message: answer.invalidMessage ?? undefined });
  // Its own trouble says nothing of the payment: others are asked, and its operator sees it, where every payer would sign in vain.
  if (FACILITATORS_OWN.has(code)) return { kind: "unavailable", detail, retryAfterSeconds: retryAfter(response), raw };
  return { kind: "invalid", code, reason, detail, raw };
}

/**
 * What an answer to `/settle` means. Only a reason that speaks of the signed bytes is believed to have moved nothing, and only when no
 * transaction is named; a refusal from before the payment was looked at is `not_sent`, and so is one for the network's fees. The rest is
 * `unknown`.
 */
export function readSettleAnswer(response: OutboundResponse, networks: readonly string[]): SettleOutcome {
  const { json, raw } = readBody(response);
  const answer = Settled.safeParse(json).data;
  const transaction = Transaction.safeParse(json).data?.transaction ?? null;
  const unknown = (detail: string): SettleOutcome => ({ kind: "unknown", transaction, detail, raw });
  if (answer === undefined) {
    const detail = `the facilitator answered HTTP ${response.status} and nothing else to use`;
    if (!TURNED_AWAY.has(response.status) || transaction !== null) return unknown(detail);
    return { kind: "not_sent", detail, retryAfterSeconds: retryAfter(response), raw };
  }
  if (answer.success) return readSuccess(answer, { unknown, networks, status: response.status, raw });
  return readRefusal(answer, { unknown, transaction, response, raw });
}

function readRefusal(
  answer: z.infer<typeof Settled>,
  context: {
    readonly unknown: (detail: string) => SettleOutcome;
    readonly transaction: string | null;
    readonly response: OutboundResponse;
    readonly raw: JsonValue;
  },
): SettleOutcome {
  const { unknown, transaction, response, raw } = context;
  const reason = answer.errorReason ?? "";
  const { code, isLasting } = readReason(reason);
  const message = answer.errorMessage ?? undefined;
  const mayBeUnderWay = transaction !== null || response.status === 409 || response.status >= 500;
  if (code === FEES_TOO_HIGH && !mayBeUnderWay) {
    const detail = explainReason({ code, message });
    return { kind: "not_sent", detail, retryAfterSeconds: retryAfter(response), raw };
  }
  if (UNDER_WAY.test(reason) || !isLasting || mayBeUnderWay) {
    const said = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
    return unknown(`the facilitator did not say what became of it (${said.slice(0, 300) || "no reason"})`);
  }
  return { kind: "failed", code, reason, detail: explainReason({ code, message }), raw };
}

function readSuccess(
  answer: z.infer<typeof Settled>,
  context: {
    readonly unknown: (detail: string) => SettleOutcome;
    readonly networks: readonly string[];
    readonly status: number;
    readonly raw: JsonValue;
  },
): SettleOutcome {
  const { unknown, networks, status, raw } = context;
  const { transaction, network } = answer;
  if (status >= 300) return unknown(`the facilitator says settled with HTTP ${status}`);
  if (!transaction || transaction.length > 200) return unknown("the facilitator says settled and names no transaction");
  if (network && !networks.includes(network)) return unknown("the facilitator says settled on another network");
  return { kind: "settled", transaction, payer: answer.payer ? answer.payer : null, raw };
}

/** The body as JSON where it is some, and in the form that is stored: never longer than what is read, without what Postgres refuses. */
function readBody({ status, body }: OutboundResponse): { readonly json: unknown; readonly raw: JsonValue } {
  try {
    const json: unknown = parseStrictJson(Buffer.from(body, "utf8"));
    return { json, raw: storable(z.json().parse(json)) };
  } catch {
    return { json: undefined, raw: { status, text: plain(body.slice(0, KEPT_CHARACTERS)) } };
  }
}

function storable(value: JsonValue): JsonValue {
  if (typeof value === "string") return plain(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [plain(name), storable(member)]));
}

/** Postgres stores neither NUL nor half of a surrogate pair. */
function plain(text: string): string {
  return text.replace(/[\p{Surrogate}\0]/gu, "\ufffd");
}

function retryAfter({ headers }: OutboundResponse): number {
  const value = headers["retry-after"] ?? "";
  if (!/^[0-9]{1,6}$/.test(value)) return DEFAULT_RETRY_SECONDS;
  return Math.min(Math.max(1, Number(value)), LONGEST_RETRY_SECONDS);
}
