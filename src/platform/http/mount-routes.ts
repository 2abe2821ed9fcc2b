import { randomBytes } from "node:crypto";
import type { ErrorRequestHandler, Express, Request, Response } from "express";
import express from "express";
import type { AnyPrincipal } from "./authenticate.ts";
import type { Cors } from "./cors.ts";
import { createCors, NO_HEADERS } from "./cors.ts";
import type { Answer, ReplyDeclaration, Route } from "./define-route.ts";
import type { Endpoint, PlatformNeeds } from "./endpoint.ts";
import { compileEndpoint } from "./endpoint.ts";
import { DeadlineExceeded, MethodNotAllowed, PathNotFound, RequestTimeout } from "./errors.ts";
import type { Exchange, ExchangeNeeds } from "./exchange.ts";
import { describeRequest, openExchange, sendAnswer, sendProblem } from "./exchange.ts";
import { purgeRegularly, readIdempotencyKey, runOnce } from "./idempotency.ts";
import { observeRequests } from "./metrics.ts";
import { toDomainError } from "./problem.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { createRateLimiters } from "./rate-limit.ts";
import { CallerGone, hasBody, readBody, requireJson, requireUncompressed } from "./request-body.ts";
import type { PathParameters, RouteTable } from "./route-table.ts";
import { createRouteTable } from "./route-table.ts";
import { parseStrictJson } from "./strict-json.ts";
import { parseQuery, validatePart } from "./validate-request.ts";

export type { PlatformNeeds } from "./endpoint.ts";

type Server = ExchangeNeeds & { readonly table: RouteTable<Endpoint>; readonly cors: Cors };

const JSON_TYPE = "application/json; charset=utf-8";
const NO_BYTES = Buffer.alloc(0);

/**
 * Builds the whole HTTP surface: one Express application that finds the route in a compiled table (Express itself would try every
 * route in turn), and answers with the route's reply or a problem document. Serve it with `startServer`.
 */
export function createApplication(routes: readonly Route[], needs: PlatformNeeds): Express {
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag");
  application.set("trust proxy", parseTrustProxy(needs.trustProxy));
  mountRoutes(application, routes, needs);
  return application;
}

/** Adds the routes to an application, then the answer to every other path and to every failure. */
function mountRoutes(application: Express, routes: readonly Route[], needs: PlatformNeeds): void {
  const server: Server = {
    logger: needs.logger,
    observe: observeRequests(needs.metrics),
    newRequestId: createRequestIds(),
    table: compileTable(routes, needs),
    cors: createCors(needs.corsOrigins),
  };
  if (needs.idempotency !== undefined) purgeRegularly(needs.idempotency, needs.logger);
  application.use((request, response) => dispatch(server, request, response));
  const failed: ErrorRequestHandler = (thrown, request, response, _next) => {
    sendProblem(server, openExchange(server, request, response), toDomainError(thrown));
  };
  application.use(failed);
}

/** Express's own setting from our text: `false`, `true`, a number of hops, or a list of addresses. */
function parseTrustProxy(text: string): boolean | number | string[] {
  if (text === "false" || text === "") return false;
  if (text === "true") return true;
  return /^[0-9]+$/.test(text) ? Number(text) : text.split(",").map((part) => part.trim());
}

function compileTable(routes: readonly Route[], needs: PlatformNeeds): RouteTable<Endpoint> {
  const limiterNamed = createRateLimiters(needs.rateLimits);
  const table = createRouteTable<Endpoint>();
  const seen = new Set<string>();
  for (const route of routes) {
    if (seen.has(route.operationId)) throw new Error(`Two routes are named ${route.operationId}.`);
    seen.add(route.operationId);
    const endpoint = compileEndpoint(route, needs, limiterNamed);
    for (const path of [route.path, ...(route.aliases ?? [])]) table.add(route.method.toUpperCase(), path, endpoint);
  }
  return table;
}

/** Unique per process and request, and free of any secret: a random start, then a count. */
function createRequestIds(): () => string {
  const start = `req_${randomBytes(9).toString("base64url").replace(/[-_]/g, "0")}`;
  let count = 0;
  return () => {
    count += 1;
    return `${start}${count.toString(36).padStart(6, "0")}`;
  };
}

function dispatch(server: Server, request: Request, response: Response): void {
  const exchange = openExchange(server, request, response);
  const question = request.url.indexOf("?");
  const path = question === -1 ? request.url : request.url.slice(0, question);
  try {
    const cors = server.cors.forAnswer(request.headers);
    const match = server.table.find(request.method, path);
    if (match.kind === "found") {
      if (cors !== NO_HEADERS) exchange.headers.push(cors);
      exchange.operationId = match.endpoint.route.operationId;
      exchange.dialect = match.endpoint.dialect;
      const search = question === -1 ? "" : request.url.slice(question + 1);
      void serve(server, exchange, { endpoint: match.endpoint, params: match.params, search });
      return;
    }
    if (match.kind === "other-method" && request.method === "OPTIONS") {
      exchange.headers.push(server.cors.forPreflight(request.headers, match.allow));
      sendAnswer(server, exchange, { status: 204, contentType: undefined, body: undefined });
      return;
    }
    if (cors !== NO_HEADERS) exchange.headers.push(cors);
    throw match.kind === "unknown" ? new PathNotFound() : new MethodNotAllowed(match.allow);
  } catch (thrown) {
    sendProblem(server, exchange, toDomainError(thrown));
  }
}

type Call = { readonly endpoint: Endpoint; readonly params: PathParameters; readonly search: string };

/**
 * Runs one call against the clock. The answer that is first wins; a late failure is still logged. Closures are kept out of here and
 * below: this is the path every request takes.
 */
async function serve(server: Server, exchange: Exchange, call: Call): Promise<void> {
  const { timeoutMs } = call.endpoint;
  const timer = timeoutMs === 0 ? undefined : setTimeout(expire, timeoutMs, server, exchange);
  try {
    sendAnswer(server, exchange, await answerCall(exchange, call));
  } catch (thrown) {
    if (!(thrown instanceof CallerGone)) sendProblem(server, exchange, toDomainError(thrown));
  } finally {
    clearTimeout(timer);
  }
}

function expire(server: Server, exchange: Exchange): void {
  sendProblem(server, exchange, exchange.isReadingBody ? new RequestTimeout() : new DeadlineExceeded());
}

async function answerCall(exchange: Exchange, call: Call) {
  const { endpoint } = call;
  const { request } = exchange;
  if (endpoint.limiter?.by === "ip") await consumeLimit(exchange, endpoint.limiter, undefined);
  const authenticated = endpoint.authenticate(request.headers);
  const principal = authenticated instanceof Promise ? await authenticated : authenticated;
  if (endpoint.limiter?.by === "principal") await consumeLimit(exchange, endpoint.limiter, principal);
  const idempotencyKey = endpoint.readsKey ? readIdempotencyKey(request.headers["idempotency-key"]) : undefined;
  const rawBody = endpoint.readsBody && hasBody(request) ? await receiveBody(exchange, endpoint) : NO_BYTES;
  const parts = validate(call, rawBody);
  const input = {
    params: parts.params,
    query: parts.query,
    body: parts.body,
    principal,
    request: describeRequest(exchange, { idempotencyKey, rawBody }),
  };
  if (endpoint.idempotency === undefined || idempotencyKey === undefined) {
    return wireAnswer(exchange, endpoint, toAnswer(endpoint, await endpoint.route.handler(input)));
  }
  const answer = await runOnce(
    endpoint.idempotency,
    {
      key: idempotencyKey,
      operationId: endpoint.route.operationId,
      principal,
      address: request.ip ?? "",
      request: parts.sent,
    },
    async () => toAnswer(endpoint, await endpoint.route.handler(input)),
  );
  return wireAnswer(exchange, endpoint, answer);
}

/** Address limits are counted before authentication, so that guessing keys is limited too; principals' limits after it. */
async function consumeLimit(
  exchange: Exchange,
  limiter: RateLimiter,
  principal: AnyPrincipal | undefined,
): Promise<void> {
  const key = principal?.subject === undefined ? (exchange.request.ip ?? "") : `${principal.kind}:${principal.subject}`;
  exchange.headers.push(await limiter.consume(key));
}

async function receiveBody(exchange: Exchange, endpoint: Endpoint): Promise<Buffer> {
  if (endpoint.route.rawBody === true) requireUncompressed(exchange.request);
  else requireJson(exchange.request, endpoint.route.takesFormType === true ? "asForm" : "asJson");
  exchange.isReadingBody = true;
  const bytes = await readBody(exchange.request, endpoint.bodyLimitBytes);
  exchange.isReadingBody = false;
  return bytes;
}

/** The validated parts, and the parts as they were sent, which identify the request. An absent body counts as `{}`. */
function validate(call: Call, rawBody: Buffer) {
  const { route } = call.endpoint;
  const query = route.query === undefined ? {} : parseQuery(call.search);
  const body = route.body === undefined ? undefined : parseBody(rawBody);
  return {
    sent: { params: call.params, query, body: route.body === undefined ? rawBody.toString("base64") : body },
    params: route.params === undefined ? call.params : validatePart(route.params, "params", call.params),
    query: route.query === undefined ? query : validatePart(route.query, "query", query),
    body: route.body === undefined ? undefined : validatePart(route.body, "body", body),
  };
}

function parseBody(rawBody: Buffer): unknown {
  return rawBody.length === 0 ? {} : parseStrictJson(rawBody);
}

function toAnswer(endpoint: Endpoint, result: unknown): Answer {
  if (isAnswer(result)) return result;
  return { status: endpoint.defaultReply.status, body: result };
}

function isAnswer(result: unknown): result is Answer {
  return (
    typeof result === "object" &&
    result !== null &&
    "status" in result &&
    typeof result.status === "number" &&
    "body" in result
  );
}

function wireAnswer(exchange: Exchange, endpoint: Endpoint, answer: Answer) {
  const declared = declaredReply(endpoint, answer.status);
  if (endpoint.validateReplies) checkReply(endpoint, answer, declared);
  if (answer.headers !== undefined) exchange.headers.push(answer.headers);
  const contentType = answer.contentType ?? declared?.contentType;
  if (contentType !== undefined) return { status: answer.status, contentType, body: plainBody(answer.body) };
  const body = answer.body === undefined ? undefined : JSON.stringify(answer.body);
  return { status: answer.status, contentType: body === undefined ? undefined : JSON_TYPE, body };
}

function declaredReply(endpoint: Endpoint, status: number): ReplyDeclaration | undefined {
  if (endpoint.defaultReply.status === status) return endpoint.defaultReply;
  return endpoint.replies.find((reply) => reply.status === status);
}

function checkReply(endpoint: Endpoint, answer: Answer, declared: ReplyDeclaration | undefined): void {
  const name = endpoint.route.operationId;
  if (declared === undefined) throw new Error(`${name} answered ${answer.status}, which it does not declare.`);
  if (answer.contentType !== undefined) {
    if (declared.alternatives?.includes(answer.contentType) === true) return;
    throw new Error(`${name} answered ${answer.contentType}, which it does not declare.`);
  }
  const result = declared.schema?.safeParse(answer.body);
  if (result?.success === false)
    throw new Error(`${name} answered a body it does not declare: ${result.error.message}`);
}

function plainBody(body: unknown) {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (isIterable(body)) return body;
  throw new Error("A reply that is not JSON must be text, bytes or an async iterable of them.");
}

function isIterable(body: unknown): body is AsyncIterable<string | Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
