import type { Request, Response } from "express";
import type { DomainError } from "../../errors.ts";
import type { Logger } from "../logger.ts";
import { redactText } from "../logger.ts";
import type { ErrorDialect, ReplyHeaders, RouteRequest } from "./define-route.ts";
import { renderProblem } from "./problem.ts";
import { hasBody } from "./request-body.ts";
import type { WireAnswer } from "./write-answer.ts";
import { writeAnswer } from "./write-answer.ts";

/** What every exchange of one server shares. */
export type ExchangeNeeds = {
  readonly logger: Logger;
  readonly observe: (operationId: string, status: number, seconds: number) => void;
  readonly newRequestId: () => string;
};

/** One request and its one answer. `headers` collects what every answer to it must carry, such as CORS and rate limits. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly id: string;
  readonly startedAt: number;
  readonly headers: ReplyHeaders[];
  operationId: string;
  dialect: ErrorDialect;
  isAnswered: boolean;
  isReadingBody: boolean;
};

/** A caller's own request id is kept when it is short and plain; anything else could forge log lines. */
const CALLER_REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Starts an exchange: takes or makes its id and notes the time. */
export function openExchange(needs: ExchangeNeeds, request: Request, response: Response): Exchange {
  const given = request.headers["x-request-id"];
  return {
    request,
    response,
    id: typeof given === "string" && CALLER_REQUEST_ID.test(given) ? given : needs.newRequestId(),
    startedAt: performance.now(),
    headers: [],
    operationId: "unmatched",
    dialect: "string",
    isAnswered: false,
    isReadingBody: false,
  };
}

/** Sends the exchange's answer, unless it already has one. */
export function sendAnswer(needs: ExchangeNeeds, exchange: Exchange, answer: WireAnswer): void {
  if (exchange.isAnswered) return;
  exchange.isAnswered = true;
  writeAnswer(exchange.response, answer, exchange);
  const seconds = (performance.now() - exchange.startedAt) / 1000;
  needs.observe(exchange.operationId, answer.status, seconds);
  if (answer.status < 400 && needs.logger.isLevelEnabled("debug")) {
    needs.logger.debug(describe(exchange, answer.status, seconds), "answered");
  }
}

/** Sends a failure as its problem document and logs it: 5xx as errors with their cause, the rest as information. */
export function sendProblem(needs: ExchangeNeeds, exchange: Exchange, error: DomainError): void {
  const seconds = (performance.now() - exchange.startedAt) / 1000;
  const line = { ...describe(exchange, error.status, seconds), code: error.code };
  if (error.status >= 500) needs.logger.error({ ...line, err: error.cause ?? error }, "failed");
  else if (needs.logger.isLevelEnabled("info")) needs.logger.info(line, "refused");
  if (exchange.isAnswered) return;
  const [path = "/"] = exchange.request.url.split("?", 1);
  const place = { requestId: exchange.id, instance: redactText(path.slice(0, 512)), dialect: exchange.dialect };
  const problem = renderProblem(error, place);
  exchange.headers.push(problem.headers);
  if (isBodyUnread(exchange.request)) exchange.headers.push({ connection: "close" });
  sendAnswer(needs, exchange, {
    status: problem.status,
    contentType: problem.contentType,
    body: JSON.stringify(problem.document),
  });
}

function describe(exchange: Exchange, status: number, seconds: number) {
  return {
    requestId: exchange.id,
    operation: exchange.operationId,
    method: exchange.request.method,
    status,
    milliseconds: Math.round(seconds * 10_000) / 10,
  };
}

/** A refused caller may still be sending; closing is cheaper than reading what nobody wants. */
function isBodyUnread(request: Request): boolean {
  return !request.complete && hasBody(request);
}

type LazyRequest = { -readonly [Member in Exclude<keyof RouteRequest, "ip" | "signal">]: RouteRequest[Member] } & {
  exchange: Exchange;
  controller: AbortController | undefined;
};

/**
 * The parts few handlers ask for. They sit on one shared prototype: accessors written into each request's own object were measured
 * at half of all the time this layer takes.
 */
const LAZY_PARTS: Pick<RouteRequest, "ip" | "signal"> & ThisType<LazyRequest> = {
  get ip() {
    return this.exchange.request.ip ?? "";
  },
  get signal() {
    this.controller ??= abortOnClose(this.exchange);
    return this.controller.signal;
  },
};

/** What the handler sees of the request. */
export function describeRequest(
  exchange: Exchange,
  given: { readonly idempotencyKey: string | undefined; readonly rawBody: Buffer },
): RouteRequest {
  const described: LazyRequest & Pick<RouteRequest, "ip" | "signal"> = Object.create(LAZY_PARTS);
  described.exchange = exchange;
  described.controller = undefined;
  described.id = exchange.id;
  described.method = exchange.request.method;
  described.url = exchange.request.url;
  described.headers = exchange.request.headers;
  described.idempotencyKey = given.idempotencyKey;
  described.rawBody = given.rawBody;
  return described;
}

function abortOnClose(exchange: Exchange): AbortController {
  const controller = new AbortController();
  exchange.response.once("close", () => controller.abort());
  return controller;
}
