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

/** A node that cannot answer now (rate limit, internal error): worth another try, unlike a refusal of the request itself. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([-32_005, -32_603, 429]);
const TRANSIENT_TEXT = /rate limit|too many requests|timeout|timed out|header not found|temporarily/i;
const RANGE_TEXT = /range|too many results|response size|more than \d+ results|limit exceeded|block span/i;

/**
 * JSON-RPC over HTTP. `url` may carry a provider key, so it appears in no error and no log; redirects are refused for the same
 * reason. Network failures, 429, 5xx and transient codes are tried again within `patience`, other answers never.
 */
export function openJsonRpc(input: {
  readonly url: string;
  readonly chain: string;
  readonly patience?: Partial<JsonRpcPatience>;
}): JsonRpc {
  const patience = { ...PATIENCE, ...input.patience };
  let lastId = 0;
  return async (method, params) => {
    let reason = "it was not asked";
    for (let attempt = 0; attempt < patience.tries; attempt += 1) {
      if (attempt > 0) await sleep(patience.pauseMilliseconds * 2 ** (attempt - 1));
      lastId += 1;
      const answer = await callOnce(input.url, { id: lastId, method, params }, patience.timeoutMilliseconds);
      if (!("failed" in answer)) return answer;
      reason = answer.failed;
    }
    throw new RpcUnavailable(input.chain, `${method}: ${reason}`);
  };
}

/** Whether the node refused a log query for its size. */
export function isRangeTooLarge({ refused }: RpcRefusal): boolean {
  return RANGE_TEXT.test(refused.message);
}

type Failed = { readonly failed: string };

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
    if (response.status === 429 || response.status >= 500) return { failed: `HTTP ${response.status}` };
    return readAnswer(await response.json(), call.id);
  } catch (error) {
    return { failed: describe(error) };
  }
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
