import type { Verifiers } from "./authenticate.ts";
import type { ReplyDeclaration, Route } from "./define-route.ts";
import type { JsonSchema, SchemaCollector } from "./json-schema.ts";
import { createSchemaCollector } from "./json-schema.ts";
import type { PlatformProblem } from "./platform-problems.ts";
import { PLATFORM_PROBLEMS } from "./platform-problems.ts";

/** What heads the document. */
export type ApiTitle = {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Where the API is reached, when known; a relative `/` otherwise. */
  readonly serverUrl?: string;
};

/** An OpenAPI 3.1 document as plain JSON. */
export type OpenApiDocument = {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
};

/**
 * Derives the document from the same values that are mounted, so it cannot promise what is not served. An alias is a path of its own;
 * its operation id gets a suffix, as ids must be unique. Throws when a schema cannot travel as JSON.
 */
export function buildOpenApi(
  routes: readonly Route[],
  given: { readonly title: ApiTitle; readonly verifiers: Verifiers },
): OpenApiDocument {
  const collector = createSchemaCollector();
  const visible = routes.filter((route) => route.hidden !== true);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of visible) {
    for (const [position, path] of [route.path, ...(route.aliases ?? [])].entries()) {
      const template = path.replaceAll(/:([A-Za-z0-9_]+)/g, "{$1}");
      paths[template] = { ...paths[template], [route.method]: describeOperation(collector, route, { position, path }) };
    }
  }
  return {
    openapi: "3.1.1",
    info: { title: given.title.title, version: given.title.version, description: given.title.description },
    servers: [{ url: given.title.serverUrl ?? "/" }],
    tags: [...new Set(visible.flatMap((route) => route.tags ?? []))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: Object.fromEntries(
        Object.entries(given.verifiers).map(([name, each]) => [name, each.documentation]),
      ),
      schemas: { ...collector.components(), Problem: PROBLEM_SCHEMA, OpenAiError: OPENAI_SCHEMA },
    },
  };
}

function describeOperation(
  collector: SchemaCollector,
  route: Route,
  spelling: { readonly position: number; readonly path: string },
) {
  const security = route.auth.map((name) => (name === "none" ? {} : { [name]: [] }));
  return {
    operationId: spelling.position === 0 ? route.operationId : `${route.operationId}_${spelling.position + 1}`,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.tags === undefined ? {} : { tags: route.tags }),
    security,
    parameters: [
      ...describePath(collector, route, spelling.path),
      ...describeQuery(collector, route),
      ...idempotencyHeader(route),
    ],
    ...(route.body === undefined ? {} : { requestBody: describeBody(collector, route.body) }),
    responses: { ...describeReplies(collector, route), ...describeProblems(route) },
  };
}

function describePath(collector: SchemaCollector, route: Route, path: string): readonly JsonSchema[] {
  const schema = route.params === undefined ? undefined : inlineObject(collector, route.params);
  return [...path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: schema?.properties[name] ?? { type: "string" },
  }));
}

function describeQuery(collector: SchemaCollector, route: Route): readonly JsonSchema[] {
  if (route.query === undefined) return [];
  const { properties, required } = inlineObject(collector, route.query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

/** The properties of an object schema, looked up behind its name when it has one. */
function inlineObject(collector: SchemaCollector, schema: NonNullable<Route["params"]>) {
  const described = collector.describe(schema);
  const reference = described.$ref;
  const name = typeof reference === "string" ? reference.split("/").at(-1) : undefined;
  const object = name === undefined ? described : (collector.components()[name] ?? {});
  const properties: Readonly<Record<string, unknown>> = isObject(object.properties) ? object.properties : {};
  const required: readonly unknown[] = Array.isArray(object.required) ? object.required : [];
  return { properties, required };
}

function idempotencyHeader(route: Route): readonly JsonSchema[] {
  if (route.idempotency === undefined || route.idempotency === "none") return [];
  const description = "Visible ASCII only. Repeating a request with its key never repeats its effect.";
  return [
    {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description,
      schema: { type: "string", minLength: 1, maxLength: 255 },
    },
  ];
}

function describeBody(collector: SchemaCollector, body: NonNullable<Route["body"]>) {
  const schema = collector.describe(body);
  const required = !body.safeParse({}).success;
  return { required, content: { "application/json": { schema } } };
}

function describeReplies(collector: SchemaCollector, route: Route): Readonly<Record<string, unknown>> {
  const replies = route.replies ?? (route.reply === undefined ? [] : [route.reply]);
  return Object.fromEntries(replies.map((reply) => [String(reply.status), describeReply(collector, reply)]));
}

function describeReply(collector: SchemaCollector, reply: ReplyDeclaration) {
  const headers = Object.entries(reply.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  const mediaType = reply.contentType?.split(";", 1)[0] ?? "application/json";
  const schema = reply.schema === undefined ? { type: "string" } : collector.describe(reply.schema);
  const hasContent = reply.schema !== undefined || reply.contentType !== undefined;
  return {
    description: reply.description ?? (reply.status === 202 ? "Accepted; not finished yet." : "Success."),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    ...(hasContent ? { content: { [mediaType]: { schema }, ...describeAlternatives(reply) } } : {}),
  };
}

function describeAlternatives(reply: ReplyDeclaration): Readonly<Record<string, unknown>> {
  const types = (reply.alternatives ?? []).map((contentType) => contentType.split(";", 1)[0] ?? contentType);
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string" } }]));
}

function describeProblems(route: Route): Readonly<Record<string, unknown>> {
  const problems = problemsOf(route);
  const statuses = [...new Set(problems.map((problem) => problem.status))];
  const entries = statuses.map((status) => {
    const codes = problems.filter((problem) => problem.status === status).map((problem) => problem.code);
    return [String(status), describeProblem(route, codes)] as const;
  });
  const own = route.problems ?? [];
  return Object.fromEntries(own.length === 0 ? entries : [...entries, ["4XX", describeProblem(route, own)]]);
}

const ANY_ROUTE = ["internal_error", "unavailable", "deadline_exceeded"];
const WITH_INPUT = ["invalid_request", "malformed_url"];
const WITH_BODY = [
  "malformed_json",
  "request_timeout",
  "body_too_large",
  "unsupported_media_type",
  "unsupported_encoding",
];
const WITH_STORED_ANSWER = ["request_in_progress", "idempotency_key_reused"];

/** Which of the platform's failures this route may answer. */
function problemsOf(route: Route): readonly PlatformProblem[] {
  const takesInput =
    [route.body, route.params, route.query].some((schema) => schema !== undefined) || route.path.includes(":");
  const codes = new Set([
    ...ANY_ROUTE,
    ...(takesInput ? WITH_INPUT : []),
    ...(route.body === undefined ? [] : WITH_BODY),
    ...(route.auth.includes("none") ? [] : ["unauthorized", "forbidden"]),
    ...(route.auth.includes("adminToken") ? ["not_configured"] : []),
    ...(route.rateLimit === undefined ? [] : ["rate_limited"]),
    ...(idempotencyHeader(route).length > 0 ? ["invalid_idempotency_key"] : []),
    ...(route.idempotency === "stored" ? WITH_STORED_ANSWER : []),
  ]);
  return PLATFORM_PROBLEMS.filter((problem) => codes.has(problem.code));
}

function describeProblem(route: Route, codes: readonly string[]) {
  const isOpenAi = route.dialect === "openai";
  const schema = { $ref: `#/components/schemas/${isOpenAi ? "OpenAiError" : "Problem"}` };
  return {
    description: codes.map((code) => `\`${code}\``).join(", "),
    content: { [isOpenAi ? "application/json" : "application/problem+json"]: { schema } },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const PROBLEM_SCHEMA = {
  type: "object",
  description:
    "RFC 9457 problem details. `code` is permanent; `error` repeats the failure in the endpoint family's own form.",
  properties: {
    type: { type: "string", description: "Relative address of the code's page." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    instance: { type: "string" },
    requestId: { type: "string" },
    issues: {
      type: "array",
      description: "Only with `invalid_request`.",
      items: { type: "object", properties: { path: { type: "string" }, message: { type: "string" } } },
    },
    error: { description: "A string, or `{code, message, details?}`.", type: ["string", "object"] },
  },
  required: ["type", "title", "status", "detail", "code", "error"],
} as const;

const OPENAI_SCHEMA = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        message: { type: "string" },
        type: { type: "string" },
        code: { type: "string" },
        param: { type: ["string", "null"] },
      },
      required: ["message", "type", "code"],
    },
  },
  required: ["error"],
} as const;
