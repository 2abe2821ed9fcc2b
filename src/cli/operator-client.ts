import { z } from "zod";

/** Where the API is and the operator's token. `temporalUi` is known in a sandbox, or when it was told. */
export type OperatorAccess = { readonly api: string; readonly token: string; readonly temporalUi: string | null };

/** The API refused: nothing was changed. `detail` says why in words. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The API did not answer as it should: whether anything was changed is not known. */
export class Unanswered extends Error {}

const Problem = z.looseObject({ code: z.string(), detail: z.string() });
const PATIENCE_MS = 60_000;

/** What is asked: GET, or POST where there is a body, unless `method` says so. The same `idempotencyKey` again does nothing more. */
export type OperatorCall<Schema extends z.ZodType> = {
  readonly path: string;
  readonly schema: Schema;
  readonly body?: unknown;
  readonly method?: "PATCH";
  readonly idempotencyKey?: string;
};

/**
 * One call of the operators' API, its answer read by `schema`. Throws {@link Refused} for a problem the caller can do something about and
 * {@link Unanswered} when there was no answer, or one that is not the API's.
 */
export async function callApi<Schema extends z.ZodType>(
  access: OperatorAccess,
  request: OperatorCall<Schema>,
): Promise<z.output<Schema>> {
  const base = `${access.api.replace(/\/+$/, "")}/`;
  if (!/^https?:$/.test(URL.canParse(base) ? new URL(base).protocol : ""))
    throw new Unanswered(`${access.api} is no address of an API; --api takes one such as http://localhost:3001.`);
  const url = new URL(request.path, base);
  const { idempotencyKey: key } = request;
  const response = await fetch(url, {
    method: request.method ?? (request.body === undefined ? "GET" : "POST"),
    headers: {
      ...{ authorization: `Bearer ${access.token}`, "content-type": "application/json" },
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
    redirect: "error",
  }).catch(() => {
    throw new Unanswered(`${url.origin} does not answer. Is the API up, and is --api its address?`);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return readAnswer(request.schema, answer, url);
  const problem = Problem.safeParse(answer);
  if (!problem.success || response.status >= 500)
    throw new Unanswered(`${url.origin} answered ${response.status}: ${problem.data?.detail ?? "no problem document"}`);
  throw new Refused(problem.data.code, problem.data.detail);
}

function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown, url: URL): z.output<Schema> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  throw new Unanswered(`${url.origin}${url.pathname} is no Tollkeeper, or one of another version.`);
}
