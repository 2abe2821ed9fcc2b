import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { DomainError } from "../../../src/errors.ts";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import type { ServedRoutes } from "./served-routes.ts";
import { problemIn, serveRoutes } from "./served-routes.ts";

class ThingNotFound extends DomainError {
  constructor(id: string) {
    super({
      code: "thing_not_found",
      status: 404,
      title: "Thing not found",
      detail: `There is no thing ${id}.`,
      members: { id },
    });
  }
}

const Thing = z.object({
  name: z.string().min(2),
  size: z.number().int().default(1),
  tags: z.array(z.object({ key: z.string() })).optional(),
});

const createThing = defineRoute({
  operationId: "createThing",
  summary: "Create",
  method: "post",
  path: "/things/:kind",
  aliases: ["/v1/things/:kind"],
  auth: ["none"],
  body: Thing,
  replies: [
    { status: 201, schema: z.object({ kind: z.string(), name: z.string(), size: z.number() }) },
    { status: 202, schema: z.object({ later: z.boolean() }) },
  ],
  problems: ["thing_not_found"],
  handler: async ({ params, body, request }) => {
    if (body.name === "later")
      return { status: 202 as const, body: { later: true }, headers: { location: `/things/${request.id}` } };
    if (body.name === "missing") throw new ThingNotFound(params.kind);
    return { status: 201 as const, body: { kind: params.kind, name: body.name, size: body.size } };
  },
});

const readThing = defineRoute({
  operationId: "readThing",
  summary: "Read",
  method: "get",
  path: "/things/:kind",
  auth: ["none"],
  dialect: "object",
  params: z.object({ kind: z.string().max(20) }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(10), tag: z.string().optional() }),
  reply: { status: 200, schema: z.object({ kind: z.string(), limit: z.number() }) },
  handler: ({ params, query }) => {
    if (params.kind === "missing") throw new ThingNotFound(params.kind);
    if (params.kind === "broken") throw new Error("password=hunter2 at /srv/app/db.ts:12");
    if (params.kind === "outage")
      throw Object.assign(new Error("connect ECONNREFUSED 10.0.0.5:5432"), { code: "ECONNREFUSED" });
    return { kind: params.kind, limit: query.limit };
  },
});

const special = defineRoute({
  operationId: "special",
  summary: "A literal beside a parameter",
  method: "delete",
  path: "/things/special",
  auth: ["none"],
  dialect: "openai",
  reply: { status: 204 },
  handler: () => undefined,
});

const stream = defineRoute({
  operationId: "stream",
  summary: "Streams",
  method: "get",
  path: "/stream",
  auth: ["none"],
  reply: { status: 200, contentType: "text/event-stream" },
  handler: async function* () {
    yield "data: 1\n\n";
    yield "data: 2\n\n";
  },
});

const lying = defineRoute({
  operationId: "lying",
  summary: "Answers what it does not declare",
  method: "get",
  path: "/lying",
  auth: ["none"],
  reply: { status: 200, schema: z.object({ count: z.number().max(1) }) },
  handler: () => ({ count: 2 }),
});

let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes([createThing, readThing, special, stream, lying], {
    corsOrigins: ["https://shop.example"],
    requestTimeoutMs: 2_000,
  });
});
afterAll(() => served.close());

describe("a route that is called as declared", () => {
  it("gives the handler its parameters, defaults and body, and sends its reply as JSON", async () => {
    const reply = await served.call("/things/box", { json: { name: "crate", unknown: "ignored" } });
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({ kind: "box", name: "crate", size: 1 });
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  it("answers the same under every spelling, and ignores one trailing slash", async () => {
    for (const path of ["/v1/things/box", "/things/box/"]) {
      expect((await served.call(path, { json: { name: "crate" } })).status).toBe(201);
    }
  });

  it("lets the handler choose among the declared answers and set headers", async () => {
    const reply = await served.call("/things/box", {
      json: { name: "later" },
      headers: { "x-request-id": "caller-made-0001" },
    });
    expect([reply.status, reply.json]).toEqual([202, { later: true }]);
    expect(reply.headers.get("location")).toBe("/things/caller-made-0001");
  });

  it("prefers a literal segment to a parameter, and percent-decodes parameters", async () => {
    expect((await served.call("/things/special", { method: "DELETE" })).status).toBe(204);
    expect((await served.call("/things/a%2Fb%20%E2%82%AC")).json).toEqual({ kind: "a/b €", limit: 10 });
  });

  it("answers HEAD like GET without the body, and streams what a handler yields", async () => {
    const head = await served.call("/things/box", { method: "HEAD" });
    expect([head.status, head.text, head.headers.get("content-length")]).toEqual([200, "", "25"]);
    expect((await served.call("/stream")).text).toBe("data: 1\n\ndata: 2\n\n");
  });

  it("carries a request id, kept from the caller when plain and replaced when it could forge a log line", async () => {
    const given = await served.call("/things/box", { headers: { "x-request-id": "abc-123-def" } });
    expect(given.headers.get("x-request-id")).toBe("abc-123-def");
    const forged = await served.call("/things/box", { headers: { "x-request-id": 'x","level":"fatal' } });
    expect(forged.headers.get("x-request-id")).toMatch(/^req_[A-Za-z0-9]+$/);
  });

  it("carries Helmet's protection and never names the software", async () => {
    const { headers } = await served.call("/things/box");
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("strict-transport-security")).toContain("max-age=");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  it("is counted by operation and status", async () => {
    await served.call("/things/counted");
    const text = await served.metrics.metrics();
    expect(text).toMatch(/http_request_duration_seconds_count\{operation="readThing",status="200"\} [1-9]/);
  });

  it("is refused an answer it does not declare, where answers are checked", async () => {
    const reply = await served.call("/lying");
    expect([reply.status, problemIn(reply).code]).toEqual([500, "internal_error"]);
  });
});

describe("400 invalid_request", () => {
  it("names every failing path and repeats no value", async () => {
    const reply = await served.call("/things/box", {
      json: { name: "x", size: 1.5, tags: [{ key: "a" }, { key: "s3cr3t", "": 0 }, {}] },
    });
    const problem = problemIn(reply);
    expect([reply.status, problem.code, problem.type]).toEqual([400, "invalid_request", "/errors/invalid_request"]);
    const issues = z.array(z.object({ path: z.string() })).parse(problem.issues);
    expect(issues.map((issue) => issue.path)).toEqual(["body.name", "body.size", "body.tags[2].key"]);
    expect(reply.text).not.toContain("s3cr3t");
    expect(problem.error).toBe(problem.detail);
  });

  it("checks parameters and the query too", async () => {
    expect(problemIn(await served.call(`/things/${"x".repeat(21)}`)).detail).toMatch(/^params\.kind: /);
    expect(problemIn(await served.call("/things/box?limit=0")).detail).toMatch(/^query\.limit: /);
    expect(problemIn(await served.call("/things/box?tag=a&tag=b")).detail).toMatch(/^query\.tag: /);
  });

  it("takes an absent body for an empty object", async () => {
    const reply = await served.call("/things/box", { method: "POST" });
    expect(problemIn(reply).detail).toMatch(/^body\.name: /);
  });
});

describe("what no route answers", () => {
  it("404 not_found for an unknown path", async () => {
    const reply = await served.call("/nothing?token=secret");
    expect([reply.status, problemIn(reply)]).toMatchObject([
      404,
      { code: "not_found", instance: "/nothing", status: 404 },
    ]);
    expect(reply.text).not.toContain("secret");
  });

  it("405 method_not_allowed with the methods the path has", async () => {
    const reply = await served.call("/things/box", { method: "PUT" });
    expect([reply.status, problemIn(reply).code]).toEqual([405, "method_not_allowed"]);
    expect(reply.headers.get("allow")).toBe("POST, GET, HEAD, OPTIONS");
  });

  it("400 malformed_url for an invalid percent-encoding in path or query", async () => {
    for (const path of ["/things/%zz", "/things/%C3%28", "/things/box?tag=%E0%A4"]) {
      expect(problemIn(await served.call(path)).code).toBe("malformed_url");
    }
  });
});

describe("failures", () => {
  it("speak the family's dialect: a string, an object, or OpenAI's whole body", async () => {
    expect(problemIn(await served.call("/things/box", { json: { name: "missing" } }))).toMatchObject({
      code: "thing_not_found",
      error: "There is no thing box.",
      id: "box",
    });
    expect(problemIn(await served.call("/things/missing")).error).toEqual({
      code: "thing_not_found",
      message: "There is no thing missing.",
      details: { id: "missing" },
    });
  });

  it("500 internal_error carries the request id and nothing of the cause, which the log has", async () => {
    const reply = await served.call("/things/broken");
    expect([reply.status, problemIn(reply).code]).toEqual([500, "internal_error"]);
    expect(reply.text).not.toMatch(/hunter2|db\.ts|Error:/);
    const id = String(problemIn(reply).requestId);
    expect(served.lines.some((line) => line.includes(id) && line.includes("hunter2"))).toBe(true);
  });

  it("503 unavailable with Retry-After when the database is away, naming no host", async () => {
    const reply = await served.call("/things/outage");
    expect([reply.status, problemIn(reply).code, reply.headers.get("retry-after")]).toEqual([503, "unavailable", "2"]);
    expect(reply.text).not.toMatch(/10\.0\.0\.5|ECONNREFUSED/);
  });
});

describe("cross-origin pages", () => {
  it("are granted by exact origin, with credentials", async () => {
    const { headers } = await served.call("/things/box", { headers: { origin: "https://shop.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("https://shop.example");
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("vary")).toBe("Origin");
  });

  it("get no grant from another origin, not even a similar one", async () => {
    for (const origin of ["https://shop.example.evil", "http://shop.example", "null"]) {
      const { headers } = await served.call("/things/box", { headers: { origin } });
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("learn by preflight what they may send", async () => {
    const headers = {
      origin: "https://shop.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    const reply = await served.call("/things/box", { method: "OPTIONS", headers });
    expect(reply.status).toBe(204);
    expect(reply.headers.get("access-control-allow-methods")).toContain("POST");
    expect(reply.headers.get("access-control-allow-headers")).toBe("authorization");
  });
});

describe("mounting", () => {
  it("refuses two routes on one address, a repeated name and a route without a scheme", async () => {
    const same = { ...readThing, operationId: "again" };
    await expect(serveRoutes([readThing, same])).rejects.toThrow("Two endpoints claim GET /things/:kind");
    await expect(serveRoutes([readThing, readThing])).rejects.toThrow("Two routes are named readThing");
    await expect(serveRoutes([{ ...readThing, auth: [] }])).rejects.toThrow("names no authentication scheme");
    await expect(serveRoutes([{ ...readThing, auth: ["adminToken"] }])).rejects.toThrow("No verifier");
    await expect(serveRoutes([{ ...createThing, idempotency: "stored" }])).rejects.toThrow(
      "needs the idempotency store",
    );
  });
});
