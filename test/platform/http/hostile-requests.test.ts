import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import type { ServedRoutes } from "./served-routes.ts";
import { problemIn, sendRaw, serveRoutes } from "./served-routes.ts";

let handled = 0;
const take = defineRoute({
  operationId: "take",
  summary: "Takes a body",
  method: "post",
  path: "/take",
  auth: ["none"],
  body: z.object({ name: z.string().optional(), note: z.unknown().optional() }),
  reply: { status: 200, schema: z.object({ name: z.string().nullable(), keys: z.array(z.string()) }) },
  handler: ({ body }) => {
    handled += 1;
    return { name: body.name ?? null, keys: Object.keys(body) };
  },
});

const takeStrict = defineRoute({
  operationId: "takeStrict",
  summary: "Refuses unknown members",
  method: "post",
  path: "/strict",
  auth: ["none"],
  dialect: "openai",
  body: z.strictObject({ name: z.string() }),
  reply: { status: 200, schema: z.object({}) },
  handler: () => ({}),
});

const takeRaw = defineRoute({
  operationId: "takeRaw",
  summary: "Keeps the bytes",
  method: "post",
  path: "/raw",
  auth: ["none"],
  rawBody: true,
  bodyLimitBytes: 32,
  reply: { status: 200, schema: z.object({ bytes: z.number() }) },
  handler: ({ request }) => ({ bytes: request.rawBody.length }),
});

const slow = defineRoute({
  operationId: "slow",
  summary: "Never answers in time",
  method: "post",
  path: "/slow",
  auth: ["none"],
  timeoutMs: 100,
  reply: { status: 200, schema: z.object({ late: z.string() }) },
  handler: async ({ request }) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { late: request.id };
  },
});

let served: ServedRoutes;
beforeAll(async () => {
  const limits = { requestTimeoutMs: 3_000, headersTimeoutMs: 3_000 };
  served = await serveRoutes([take, takeStrict, takeRaw, slow], { requestTimeoutMs: 2_000 }, limits);
});
afterAll(() => served.close());

const post = (headers: string, body = "") => `POST /take HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;
const json = { "content-type": "application/json" };

describe("400 malformed_json", () => {
  it("answers every text that is not JSON, and runs nothing", async () => {
    const before = handled;
    for (const body of ["{", '{"a":1}}', "{'a':1}", "[1,]", "undefined", '{"a":01}', '"\\x41"', "\u0000", "{}{}"]) {
      const reply = await served.call("/take", { method: "POST", headers: json, body });
      expect([body, reply.status, problemIn(reply).code]).toEqual([body, 400, "malformed_json"]);
    }
    expect(handled).toBe(before);
  });

  it("A12: refuses duplicate members and deep nesting, and skips a byte order mark", async () => {
    const twice = await served.call("/take", { method: "POST", headers: json, body: '{"name":"a","name":"b"}' });
    expect(problemIn(twice).detail).toContain("twice");
    const deep = await served.call("/take", { method: "POST", headers: json, body: "[".repeat(5_000) });
    expect(problemIn(deep).code).toBe("malformed_json");
    const marked = await served.call("/take", { method: "POST", headers: json, body: '\ufeff{"name":"a"}' });
    expect([marked.status, marked.json]).toEqual([200, { name: "a", keys: ["name"] }]);
  });

  it("A12: refuses a body 100,000 levels deep within the server's limit", async () => {
    const roomy = await serveRoutes([take], { bodyLimitBytes: 1_000_000 });
    const reply = await roomy.call("/take", { method: "POST", headers: json, body: `${'{"a":'.repeat(100_000)}1` });
    expect([reply.status, problemIn(reply).code]).toEqual([400, "malformed_json"]);
    await roomy.close();
  });
});

describe("A10: members nobody declared", () => {
  it("never reach the handler, and __proto__ is refused", async () => {
    const reply = await served.call("/take", {
      json: { name: "a", balance: "1000", platform_fee: 0, tenant_id: "t", constructor: 1 },
    });
    expect(reply.json).toEqual({ name: "a", keys: ["name"] });
    const polluted = await served.call("/take", { method: "POST", headers: json, body: '{"__proto__":{"name":"x"}}' });
    expect(polluted.status).toBe(400);
    expect(Reflect.get({}, "name")).toBeUndefined();
  });

  it("are refused where the schema is strict, in OpenAI's shape on its routes", async () => {
    const reply = await served.call("/strict", { json: { name: "a", balance: "1000" } });
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect([reply.status, reply.json]).toMatchObject([
      400,
      { error: { code: "invalid_request", type: "invalid_request_error" } },
    ]);
  });
});

describe("413 body_too_large", () => {
  it("A12: refuses a declared 2 GB before reading any of it, and closes", async () => {
    const answer = await sendRaw(
      served.server,
      post("Content-Type: application/json\r\nContent-Length: 2147483648", '{"name":"'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"body_too_large"');
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  it("A12: stops an undeclared stream as soon as it is over the limit", async () => {
    const chunk = `1000\r\n${"a".repeat(4096)}\r\n`;
    const head = post("Content-Type: application/json\r\nTransfer-Encoding: chunked");
    const answer = await sendRaw(served.server, [head, ...new Array<string>(20).fill(chunk)]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("honours a route's own limit, and takes a body of exactly the limit", async () => {
    expect((await served.call("/raw", { method: "POST", body: "x".repeat(33) })).status).toBe(413);
    expect((await served.call("/raw", { method: "POST", body: "x".repeat(32) })).json).toEqual({ bytes: 32 });
  });
});

describe("415", () => {
  it("unsupported_media_type for a body that is not JSON, has no type, or another charset", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "application/json; charset=utf-16",
    ]) {
      const reply = await served.call("/take", { method: "POST", headers: { "content-type": type }, body: "{}" });
      expect([type, reply.status, problemIn(reply).code]).toEqual([type, 415, "unsupported_media_type"]);
    }
    expect(await sendRaw(served.server, post("Content-Length: 2\r\nConnection: close", "{}"))).toMatch(
      /^HTTP\/1\.1 415 /,
    );
  });

  it("unsupported_encoding for a compressed body, so that none can unpack into gigabytes", async () => {
    const reply = await served.call("/take", {
      method: "POST",
      headers: { ...json, "content-encoding": "gzip" },
      body: "x",
    });
    expect([reply.status, problemIn(reply).code]).toEqual([415, "unsupported_encoding"]);
  });

  it("accepts JSON's other spellings", async () => {
    for (const type of [
      "application/json;charset=UTF-8",
      "APPLICATION/JSON",
      "application/problem+json",
      'application/json; charset="utf-8"',
    ]) {
      expect(
        (await served.call("/take", { method: "POST", headers: { "content-type": type }, body: "{}" })).status,
      ).toBe(200);
    }
  });
});

describe("slow and broken connections", () => {
  it("A12: 408 for a body that trickles, and the connection closes", async () => {
    const answer = await sendRaw(served.server, post("Content-Type: application/json\r\nContent-Length: 100", '{"na'));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  });

  it("A12: 408 for a head that never ends (slowloris), while others are served", async () => {
    const slowloris = sendRaw(served.server, "POST /take HTTP/1.1\r\nHost: x\r\nX-A: b\r\n");
    expect((await served.call("/take", { json: {} })).status).toBe(200);
    expect(await slowloris).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("503 deadline_exceeded when the handler is late; the late answer is dropped", async () => {
    const reply = await served.call("/slow", { method: "POST" });
    expect([reply.status, problemIn(reply).code, reply.headers.get("retry-after")]).toEqual([
      503,
      "deadline_exceeded",
      "2",
    ]);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect((await served.call("/take", { json: {} })).status).toBe(200);
  });

  it("431 headers_too_large and 400 malformed_request in the same form", async () => {
    const large = await sendRaw(served.server, post(`X-Large: ${"a".repeat(100_000)}`));
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
    expect(large).toContain('"code":"headers_too_large"');
    for (const nonsense of [
      "GET\r\n\r\n",
      "\u0016\u0003\u0001\u0000",
      post("Content-Length: 3\r\nContent-Length: 4"),
      post("Content-Length: -1"),
    ]) {
      const answer = await sendRaw(served.server, nonsense);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('"code":"malformed_request"');
    }
  });

  it("refuses a request smuggled by two framings", async () => {
    const both = post(
      "Content-Type: application/json\r\nContent-Length: 6\r\nTransfer-Encoding: chunked",
      "0\r\n\r\nX",
    );
    expect(await sendRaw(served.server, both)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("survives a caller that hangs up half-way", async () => {
    const errorsBefore = served.lines.filter((line) => line.includes('"level":"error"')).length;
    await sendRaw(served.server, post("Content-Type: application/json\r\nContent-Length: 100", '{"na'), 50);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await served.call("/take", { json: {} })).status).toBe(200);
    expect(served.lines.filter((line) => line.includes('"level":"error"')).length).toBe(errorsBefore);
  });

  it("A11: passes SQL and markup through as the plain text it is", async () => {
    const name = "'; DROP TABLE api_keys; -- <script>${7*7}{{7*7}}";
    expect((await served.call("/take", { json: { name } })).json).toEqual({ name, keys: ["name"] });
    expect((await served.call(`/${encodeURIComponent(name)}`)).status).toBe(404);
  });
});
