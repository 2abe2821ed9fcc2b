import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { AuthenticationSchemes, SchemeName } from "./authenticate.ts";

/** Verbs an endpoint may have. `HEAD` is answered for every `get`, `OPTIONS` for every path. */
export type RouteMethod = "get" | "post" | "put" | "patch" | "delete";

/**
 * How a family spells the `error` member of its problem documents : `string` for seeds 000 to 002, `object`
 * (`{code, message, details?}`) for seed 004, `openai` for gateway routes, where the OpenAI shape is the whole body.
 */
export type ErrorDialect = "string" | "object" | "openai";

/** What a handler may know of the HTTP request beyond its validated parts. `rawBody` is empty unless the route asks for it. */
export type RouteRequest = {
  readonly id: string;
  readonly ip: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The checked `Idempotency-Key`; always absent on routes whose `idempotency` is `none`. */
  readonly idempotencyKey: string | undefined;
  readonly rawBody: Buffer;
  /** Aborted when the caller hangs up or the request's time is over. */
  readonly signal: AbortSignal;
};

/** Response headers; an array repeats the field. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Bodies of replies whose `contentType` is not JSON. An iterable is streamed as it produces. */
export type PlainBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** One declared answer. Without `schema` and `contentType` the body is empty; with `contentType` it is not JSON. */
export type ReplyDeclaration = {
  readonly status: number;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
  /** Other content types of the same answer; a handler chooses one by naming it in its answer's `contentType`. */
  readonly alternatives?: readonly string[];
  readonly description?: string;
  /** Header name to what it means; documentation only, the handler sets the values. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** A full answer, for handlers that choose a status or set headers. Recognised by its numeric `status` beside `body`. */
export type Answer<Status = number, Body = unknown> = {
  readonly status: Status;
  readonly body: Body;
  readonly headers?: ReplyHeaders;
  /** One of the reply's `alternatives`; the body is then not JSON. */
  readonly contentType?: string;
};

/** What a handler receives: its parts as its schemas output them, and the principal of the schemes it accepts. */
export type HandlerInput<Params, Query, Body, Principal> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  readonly request: RouteRequest;
};

/**
 * One endpoint as one value: mounted, validated, documented and measured from here. Paths use `:name` parameters; `aliases` are
 * other spellings of the same endpoint. `problems` lists the domain codes it may answer; the platform's own are added.
 */
export type Route = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly method: RouteMethod;
  readonly path: string;
  readonly aliases?: readonly string[];
  readonly tags?: readonly string[];
  readonly dialect?: ErrorDialect;
  readonly auth: readonly SchemeName[];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Keeps the exact bytes in `request.rawBody` and accepts any content type: webhooks sign their bytes. */
  readonly rawBody?: boolean;
  /**
   * Takes JSON also under the form type that `curl -d` names by itself. A page of another origin may send that type unasked, so only for
   * routes whose caller shows a header, or that change nothing for who calls.
   */
  readonly takesFormType?: boolean;
  /** Overrides the platform's body limit, in bytes. */
  readonly bodyLimitBytes?: number;
  /** Overrides the platform's request timeout, in milliseconds; 0 for streams that may run long. */
  readonly timeoutMs?: number;
  readonly reply?: ReplyDeclaration;
  readonly replies?: readonly ReplyDeclaration[];
  readonly problems?: readonly string[];
  readonly rateLimit?: string;
  /** `stored`: the platform replays the first answer by Idempotency-Key; `natural`: the route has its own key. Default `none`. */
  readonly idempotency?: "stored" | "natural" | "none";
  /** Left out of the OpenAPI document, such as the document's own page. */
  readonly hidden?: boolean;
  handler(input: HandlerInput<unknown, unknown, unknown, unknown>): unknown;
};

type ParameterNames<Path extends string> = Path extends `${infer Head}/${infer Tail}`
  ? ParameterNames<Head> | ParameterNames<Tail>
  : Path extends `:${infer Name}`
    ? Name
    : never;

type Output<Schema, Absent> = [Schema] extends [never] ? Absent : Schema extends z.ZodType ? z.output<Schema> : Absent;

type BodyOf<Reply> = Reply extends { readonly schema: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : Reply extends { readonly contentType: string }
    ? PlainBody
    : undefined;

type AnswerTo<Reply> = Reply extends { readonly status: infer Status }
  ? (Answer<Status, BodyOf<Reply>> & { readonly contentType?: never }) | AlternativeTo<Reply, Status>
  : never;

type AlternativeTo<Reply, Status> = Reply extends { readonly alternatives: readonly (infer ContentType)[] }
  ? Answer<Status, PlainBody> & { readonly contentType: ContentType }
  : never;

type Result<Reply, Replies> = [Reply] extends [never]
  ? Replies extends readonly (infer Each)[]
    ? AnswerTo<Each>
    : never
  : AnswerTo<Reply> | BodyOf<Reply>;

type Definition<Path extends string, Auth extends readonly SchemeName[], Params, Query, Body, Reply, Replies> = Omit<
  Route,
  "path" | "auth" | "params" | "query" | "body" | "reply" | "replies" | "handler"
> & {
  readonly path: Path;
  readonly auth: Auth;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly reply?: Reply;
  readonly replies?: Replies;
  readonly handler: (
    input: HandlerInput<
      Output<Params, { readonly [Name in ParameterNames<Path>]: string }>,
      Output<Query, Readonly<Record<string, never>>>,
      Output<Body, undefined>,
      AuthenticationSchemes[Auth[number]]
    >,
  ) => Result<Reply, Replies> | Promise<Result<Reply, Replies>>;
};

/**
 * States an endpoint. The handler's input is typed by the schemas, its result by `reply` (a bare body, or an {@link Answer} with
 * that status) or by `replies` (an {@link Answer} of one of them). Schemas describe the wire, so no `z.bigint()`: it cannot travel.
 */
export function defineRoute<
  const Path extends string,
  const Auth extends readonly SchemeName[],
  Params extends z.ZodType = never,
  Query extends z.ZodType = never,
  Body extends z.ZodType = never,
  const Reply extends ReplyDeclaration = never,
  const Replies extends readonly ReplyDeclaration[] = never,
>(definition: Definition<Path, Auth, Params, Query, Body, Reply, Replies>): Route {
  return definition;
}
