import { setTimeout as sleep } from "node:timers/promises";
import { RpcUnavailable } from "../errors.ts";

/** The node understood and refused: `message` is its text, for classification and never for callers. */
export type RpcRefusal = { readonly refused: { readonly code: number; readonly message: string } };

/** One JSON-RPC call: its result, or the node's refusal. Throws `RpcUnavailable` when there was no usable answer. */
export type JsonRpc = (
  method: string,
  params: readonly unknown[],
) => Promise<{ readonly result: unknown } | RpcRefusal>;

/** How patient a client is: per-call timeout, tries in all, pause before the second try (doubled for the third). */
export type JsonRpcPatience = {
  readonly timeoutMilliseconds: number;
  readonly tries: number;
  readonly pauseMilliseconds: number;
};

const PATIENCE: JsonRpcPatience = { timeoutMilliseconds: 5_000, tries: 3, pauseMilliseconds: 150 };

/** A node may ask for this much patience within a call; for more, calls fail at once until its time is over. */
const LONGEST_PAUSE_MILLISECONDS = 2_000;
/** And it is not believed to want more than this. */
const LONGEST_REST_MILLISECONDS = 60_000;

/** A node that cannot answer now (rate limit, internal error): worth another try, unlike a refusal of the request itself. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([-32_005, -32_603, 429]);
const TRANSIENT_TEXT = /rate limit|too many requests|timeout|timed out|header not found|temporarily/i;
const RANGE_TEXT = /range|too many results|response size|more than \d+ results|limit exceeded|block span/i;

/**
 * JSON-RPC over HTTP. `url` may carry a provider key, so it appears in no error and no log; redirects are refused for the same
 * reason. Network failures, 429, 5xx and transient codes are tried again within `patience`, other answers never. A node that says when to come
 * back (`Retry-After`) is not asked before: later calls fail at once instead, and somebody else may be asked.
 */
export function openJsonRpc(input: {
  readonly url: string;
  readonly chain: string;
  readonly patience?: Partial<JsonRpcPatience>;
}): JsonRpc {
  const patience = { ...PATIENCE, ...input.patience };
  let lastId = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  return async (method, params) => {
    let reason = "it asked to be left alone for now";
    for (let attempt = 0; attempt < patience.tries; attempt += 1) {
      if (!(await waitForTurn(patience, { attempt, notBefore }))) break;
      lastId += 1;
      const answer = await callOnce(input.url, { id: lastId, method, params }, patience.timeoutMilliseconds);
      if (!("failed" in answer)) return answer;
      reason = answer.failed;
      if (answer.comeBackIn !== undefined) notBefore = performance.now() + answer.comeBackIn;
    }
    throw new RpcUnavailable(input.chain, `${method}: ${reason}`);
  };
}

/** Waits before a try: as long as we mean to, or as the node asked. False when that is too long to wait for. */
async function waitForTurn(
  patience: JsonRpcPatience,
  input: { readonly attempt: number; readonly notBefore: number },
): Promise<boolean> {
  const own = input.attempt === 0 ? 0 : patience.pauseMilliseconds * 2 ** (input.attempt - 1);
  const pause = Math.max(own, input.notBefore - performance.now());
  if (pause > LONGEST_PAUSE_MILLISECONDS) return false;
  if (pause > 0) await sleep(pause);
  return true;
}

/** Whether the node refused a log query for its size. */
export function isRangeTooLarge({ refused }: RpcRefusal): boolean {
  return RANGE_TEXT.test(refused.message);
}

/** `comeBackIn`: milliseconds the node asked not to be asked again. */
type Failed = { readonly failed: string; readonly comeBackIn?: number };

async function callOnce(
  url: string,
  call: { readonly id: number; readonly method: string; readonly params: readonly unknown[] },
  timeoutMilliseconds: number,
): Promise<{ readonly result: unknown } | RpcRefusal | Failed> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...call }),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    if (response.status === 429 || response.status >= 500) {
      const comeBackIn = readRetryAfter(response.headers.get("retry-after"));
      return { failed: `HTTP ${response.status}`, ...(comeBackIn === undefined ? {} : { comeBackIn }) };
    }
    return readAnswer(await response.json(), call.id);
  } catch (error) {
    return { failed: describe(error) };
  }
}

/** Seconds or a date, as RFC 9110 has it; anything else says nothing. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const milliseconds = /^[0-9]{1,6}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(0, milliseconds), LONGEST_REST_MILLISECONDS);
}

function readAnswer(body: unknown, id: number): { readonly result: unknown } | RpcRefusal | Failed {
  if (!isRecord(body)) return { failed: "the answer is not a JSON-RPC object" };
  const { error } = body;
  if (isRecord(error)) {
    const refused = { code: Number(error.code ?? 0), message: String(error.message ?? "") };
    const transient = TRANSIENT_CODES.has(refused.code) || TRANSIENT_TEXT.test(refused.message);
    const worthRetrying =
      transient && !RANGE_TEXT.test(refused.message) && !/nonce|insufficient|revert|known/i.test(refused.message);
    return worthRetrying ? { failed: `error ${refused.code}` } : { refused };
  }
  if (body.id !== id || !("result" in body)) return { failed: "the answer belongs to no question" };
  return { result: body.result };
}

/** Only the kind of failure: messages of network errors may repeat the URL. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  if (error.name === "TimeoutError") return "timeout";
  const cause = isRecord(error.cause) ? error.cause.code : undefined;
  return typeof cause === "string" && /^[A-Z_]+$/.test(cause) ? cause : error.name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
