import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { DomainError } from "../../../src/errors.ts";
import { mintApiKey } from "../../../src/identity/api-keys.ts";
import { openKeyCache } from "../../../src/identity/key-cache.ts";
import { createVerifiers } from "../../../src/identity/verifiers.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import { canonicalJson } from "../../../src/platform/http/idempotency.ts";
import { purgeAnswers } from "../../../src/platform/http/idempotency-store.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import type { TestDatabase } from "../../support/database.ts";
import { createTestDatabase } from "../../support/database.ts";
import type { ServedRoutes } from "./served-routes.ts";
import { problemIn, serveRoutes } from "./served-routes.ts";

let test: TestDatabase;
let database: Knex;
let served: ServedRoutes;
let keyCache: Awaited<ReturnType<typeof openKeyCache>>;
let tenantA: string;
let tenantB: string;

/** What the handler did, as a domain would see it: effects by natural key, and how often it ran. */
const world = { runs: 0, effects: new Map<string, number>(), crash: false, block: Promise.resolve() };

class TooPoor extends DomainError {
  constructor() {
    super({ code: "insufficient_funds", status: 402, title: "Insufficient funds", detail: "Not enough." });
  }
}

const pay = defineRoute({
  operationId: "pay",
  summary: "Moves money once",
  method: "post",
  path: "/pay/:to",
  aliases: ["/v1/pay/:to"],
  auth: ["customerKey"],
  idempotency: "stored",
  body: z.object({ amount: z.string().regex(/^[0-9]+$/), poor: z.boolean().optional() }),
  reply: { status: 201, schema: z.object({ id: z.string(), secret: z.string() }) },
  handler: async ({ body, request, params, principal }) => {
    await world.block;
    world.runs += 1;
    if (body.poor === true) throw new TooPoor();
    // The domain's natural key: the ledger posts one entry for it, however often it is asked.
    const natural = `${principal.subject}:${request.idempotencyKey ?? request.id}`;
    if (!world.effects.has(natural)) world.effects.set(natural, world.effects.size + 1);
    if (world.crash) throw new Error("the process died after its commit");
    return {
      status: 201 as const,
      body: { id: `${params.to}-${world.effects.get(natural)}`, secret: "cbk_shown_once" },
      headers: { location: "/x" },
    };
  },
});

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 8, name: "idempotency-test" });
  const clock = { now: () => Date.now() };
  keyCache = await openKeyCache({
    database,
    listenUrl: test.applicationUrl,
    logger: createLogger({ level: "silent", name: "t" }),
    clock,
  });
  tenantA = (await mintApiKey(database, { kind: "customer", subject: "a" })).key;
  tenantB = (await mintApiKey(database, { kind: "customer", subject: "b" })).key;
  served = await serveRoutes([pay], {
    verifiers: createVerifiers({ keys: keyCache, adminToken: undefined }),
    idempotency: { database, masterKey: Buffer.alloc(32, 7), retentionSeconds: 3600, leaseSeconds: 60 },
  });
});
beforeEach(() => {
  Object.assign(world, { runs: 0, crash: false, block: Promise.resolve() });
  world.effects.clear();
});
afterAll(async () => {
  await served.close();
  await keyCache.stop();
  await database.destroy();
  await test.drop();
});

const send = (key: string, json: unknown, options: { readonly as?: string; readonly path?: string } = {}) =>
  served.call(options.path ?? "/pay/x", {
    json,
    headers: { authorization: `Bearer ${options.as ?? tenantA}`, "idempotency-key": key },
  });
const expire = (key: string) =>
  database("idempotency_keys")
    .where({ key })
    .update({ expires_at: database.raw("now() - interval '1 second'") });

describe("a repeated request", () => {
  it("gets the first answer again, headers and all, and says so", async () => {
    const first = await send("repeat", { amount: "5" });
    const again = await send("repeat", { amount: "5" });
    expect([first.status, again.status, world.runs]).toEqual([201, 201, 1]);
    expect(again.json).toEqual(first.json);
    expect([first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")]).toEqual([
      null,
      "true",
    ]);
    expect(again.headers.get("location")).toBe("/x");
  });

  it("is the same request under another spelling or member order", async () => {
    await send("spelling", { amount: "5", poor: false });
    const again = await send("spelling", { poor: false, amount: "5" }, { path: "/v1/pay/x" });
    expect([again.status, again.headers.get("idempotency-replayed"), world.runs]).toEqual([201, "true", 1]);
  });

  it("runs once of 50 in parallel; the others are told to wait, then get its answer", async () => {
    let release: () => void = () => undefined;
    world.block = new Promise((resolve) => {
      release = resolve;
    });
    let refused = 0;
    const all = Array.from({ length: 50 }, async () => {
      const reply = await send("parallel", { amount: "5" });
      refused += 1;
      if (refused === 49) release();
      return reply;
    });
    const replies = await Promise.all(all);
    const waiting = replies.filter((reply) => reply.status === 409);
    expect([world.runs, waiting.length]).toEqual([1, 49]);
    for (const reply of waiting)
      expect([problemIn(reply).code, Number(reply.headers.get("retry-after")) >= 1]).toEqual([
        "request_in_progress",
        true,
      ]);
    expect((await send("parallel", { amount: "5" })).status).toBe(201);
    expect(world.runs).toBe(1);
  });
});

describe("422 idempotency_key_reused", () => {
  it("A02: same key, other body or other path parameter: refused, nothing run", async () => {
    await send("reused", { amount: "5" });
    for (const reply of [
      await send("reused", { amount: "6" }),
      await send("reused", { amount: "5" }, { path: "/pay/y" }),
    ]) {
      expect([reply.status, problemIn(reply).code]).toEqual([422, "idempotency_key_reused"]);
    }
    expect(world.runs).toBe(1);
  });

  it("A03: same key of another tenant is another key", async () => {
    const [ours, theirs] = [
      await send("shared", { amount: "5" }),
      await send("shared", { amount: "6" }, { as: tenantB }),
    ];
    expect([ours.status, theirs.status, world.runs]).toEqual([201, 201, 2]);
    expect(theirs.json).not.toEqual(ours.json);
  });
});

describe("a key is not burnt", () => {
  it("A07: by a request that fails validation, authentication or its media type", async () => {
    expect((await send("fresh", { amount: "five" })).status).toBe(400);
    expect((await send("fresh", { amount: "5" }, { as: `cbk_${"x".repeat(43)}` })).status).toBe(401);
    expect((await send("fresh", { amount: "5" })).status).toBe(201);
    expect(world.runs).toBe(1);
  });

  it("A07: by a refusal of the domain, which changed nothing", async () => {
    expect((await send("poor", { amount: "5", poor: true })).status).toBe(402);
    expect((await send("poor", { amount: "5" })).status).toBe(201);
  });

  it("by a failure of ours: the retry runs and its answer is kept", async () => {
    world.crash = true;
    expect((await send("failed", { amount: "5" })).status).toBe(500);
    world.crash = false;
    expect((await send("failed", { amount: "5" })).status).toBe(201);
    expect([world.runs, world.effects.size]).toEqual([2, 1]);
  });
});

describe("A05: a process that dies between its commit and its answer", () => {
  it("locks the key only for the lease; the next attempt meets the natural key and changes nothing twice", async () => {
    const first = await send("crashed", { amount: "5" });
    await database("idempotency_keys").where({ key: "crashed" }).update({ status: null, sealed_answer: null });
    expect((await send("crashed", { amount: "5" })).status).toBe(409);
    await expire("crashed");
    const again = await send("crashed", { amount: "5" });
    expect([again.status, world.runs, world.effects.size]).toEqual([201, 2, 1]);
    expect(again.json).toEqual(first.json);
  });

  it("does not hand its lapsed claim to a request with another content", async () => {
    await send("lapsed", { amount: "5" });
    await database("idempotency_keys").where({ key: "lapsed" }).update({ status: null, sealed_answer: null });
    await expire("lapsed");
    expect((await send("lapsed", { amount: "6" })).status).toBe(422);
  });
});

describe("A04: a key used again after its answer was forgotten", () => {
  it("runs again, and on a money route the natural key still makes one effect", async () => {
    const first = await send("old", { amount: "5" });
    await expire("old");
    const again = await send("old", { amount: "5" });
    expect([again.headers.get("idempotency-replayed"), world.runs, world.effects.size]).toEqual([null, 2, 1]);
    expect(again.json).toEqual(first.json);
  });

  it("is purged in bounded batches, answers before lapsed claims", async () => {
    for (const key of ["purge-1", "purge-2", "purge-3"]) {
      await send(key, { amount: "5" });
      await expire(key);
    }
    await database("idempotency_keys").where({ key: "purge-3" }).update({ status: null, sealed_answer: null });
    expect([await purgeAnswers(database, 1), await purgeAnswers(database, 10)]).toEqual([1, 1]);
    expect(await database("idempotency_keys").where("key", "like", "purge-%").pluck("key")).toEqual(["purge-3"]);
  });
});

describe("the store", () => {
  it("keeps answers sealed, so that a copy of the database shows no secret", async () => {
    await send("sealed", { amount: "5" });
    const row = await database("idempotency_keys").where({ key: "sealed" }).first();
    expect(JSON.stringify(row)).not.toContain("cbk_shown_once");
    expect(row.sealed_answer).toMatch(/^v1\./);
  });

  it("400 invalid_idempotency_key for anything but 1 to 255 visible ASCII characters", async () => {
    for (const key of ["", " ", "a b", "x".repeat(256), "\u00e9"]) {
      const reply = await send(key, { amount: "5" });
      expect([key, reply.status, problemIn(reply).code]).toEqual([key, 400, "invalid_idempotency_key"]);
    }
    expect((await send("~".repeat(255), { amount: "5" })).status).toBe(201);
  });
});

describe("canonicalJson", () => {
  it("is the same for the same content and different for different types", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
  });
});
