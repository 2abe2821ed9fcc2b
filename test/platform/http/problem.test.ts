import { describe, expect, it } from "vitest";
import { DomainError } from "../../../src/errors.ts";
import { MethodNotAllowed, RateLimited } from "../../../src/platform/http/errors.ts";
import { renderProblem, toDomainError } from "../../../src/platform/http/problem.ts";

const place = { requestId: "req_1", instance: "/pay" } as const;
const refusal = new DomainError({
  code: "insufficient_funds",
  status: 402,
  title: "Insufficient funds",
  detail: "Not enough.",
  members: { missing: "1.5" },
});

describe("renderProblem", () => {
  it("writes RFC 9457 members, the room's own and the dialect's", () => {
    const { document, contentType, status } = renderProblem(refusal, { ...place, dialect: "string" });
    expect([status, contentType]).toEqual([402, "application/problem+json"]);
    expect(document).toEqual({
      type: "/errors/insufficient_funds",
      title: "Insufficient funds",
      status: 402,
      detail: "Not enough.",
      code: "insufficient_funds",
      instance: "/pay",
      requestId: "req_1",
      missing: "1.5",
      error: "Not enough.",
    });
    expect(renderProblem(refusal, { ...place, dialect: "object" }).document.error).toEqual({
      code: "insufficient_funds",
      message: "Not enough.",
      details: { missing: "1.5" },
    });
  });

  it("is OpenAI's whole body on gateway routes, with the type its SDKs look for", () => {
    const typeOf = (status: number) => {
      const error = new DomainError({ code: "c", status, title: "t", detail: "d" });
      return renderProblem(error, { ...place, dialect: "openai" }).document;
    };
    expect(typeOf(402)).toEqual({
      error: { message: "d", type: "insufficient_quota", code: "c", param: null, request_id: "req_1" },
    });
    const types = [400, 401, 403, 404, 429, 500, 503].map((status) =>
      Reflect.get(Object(typeOf(status).error), "type"),
    );
    expect(types).toEqual([
      "invalid_request_error",
      "authentication_error",
      "permission_error",
      "not_found_error",
      "rate_limit_error",
      "server_error",
      "server_error",
    ]);
  });

  it("never lets a room's members replace the standard ones", () => {
    const sly = new DomainError({
      code: "real",
      status: 400,
      title: "t",
      detail: "d",
      members: { code: "forged", status: 200, type: "x" },
    });
    expect(renderProblem(sly, { ...place, dialect: "string" }).document).toMatchObject({
      code: "real",
      status: 400,
      type: "/errors/real",
    });
  });

  it("carries headers of HTTP's own failures, and Retry-After wherever a wait is known", () => {
    const headersOf = (error: DomainError) => renderProblem(error, { ...place, dialect: "string" }).headers;
    expect(headersOf(new MethodNotAllowed("GET"))).toMatchObject({ allow: "GET", "cache-control": "no-store" });
    expect(headersOf(new RateLimited(7, { ratelimit: "x" }))).toMatchObject({ "retry-after": "7", ratelimit: "x" });
    const busy = new DomainError({
      code: "busy",
      status: 409,
      title: "t",
      detail: "d",
      members: { retryAfterSeconds: 0.2 },
    });
    expect(headersOf(busy)).toMatchObject({ "retry-after": "1" });
  });
});

describe("toDomainError", () => {
  const withCode = (code: string) => Object.assign(new Error("internal text"), { code });

  it("leaves a domain failure as it is", () => {
    expect(toDomainError(refusal)).toBe(refusal);
  });

  it("takes every way a database can be away for 503 unavailable", () => {
    const named = Object.assign(new Error("x"), { name: "KnexTimeoutError" });
    const nested = new AggregateError([withCode("ECONNREFUSED")]);
    const messages = [
      new Error("Connection terminated unexpectedly"),
      new Error("insert into x values ($1) - Connection terminated unexpectedly"),
      new Error("BEGIN; - Client has encountered a connection error and is not queryable"),
      new Error("timeout exceeded when trying to connect"),
    ];
    for (const failure of [
      ...["ECONNREFUSED", "57P01", "57P03", "53300", "08006"].map(withCode),
      named,
      nested,
      ...messages,
    ]) {
      expect([failure.message, toDomainError(failure).code]).toEqual([failure.message, "unavailable"]);
      expect(toDomainError(failure).cause).toBe(failure);
    }
  });

  it("takes anything else, even what is no error, for 500 internal_error that says nothing", () => {
    for (const thrown of [
      withCode("23505"),
      new TypeError("x is not a function"),
      "text",
      undefined,
      null,
      { status: 200, code: "ok" },
    ]) {
      const error = toDomainError(thrown);
      expect([error.code, error.status]).toEqual(["internal_error", 500]);
      expect(error.message).not.toContain("internal text");
    }
  });
});
