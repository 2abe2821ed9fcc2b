import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findApiKey } from "../../src/identity/api-key-store.ts";
import { mintApiKey, revokeApiKeys, rotateApiKey } from "../../src/identity/api-keys.ts";
import { CACHE_TTL_MS, openKeyCache } from "../../src/identity/key-cache.ts";
import { createVerifiers } from "../../src/identity/verifiers.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { defineRoute } from "../../src/platform/http/define-route.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { hashSecret } from "../../src/platform/secret-hash.ts";
import { problemIn, serveRoutes } from "../platform/http/served-routes.ts";
import type { ServedKeys } from "./served-keys.ts";
import { serveKeys } from "./served-keys.ts";

const whoAmI = defineRoute({
  operationId: "whoAmI",
  summary: "Tells the caller who it is",
  method: "get",
  path: "/me",
  auth: ["customerKey"],
  reply: { status: 200, schema: z.object({ subject: z.string() }) },
  handler: ({ principal }) => ({ subject: principal.subject }),
});

let keys: ServedKeys;
beforeAll(async () => {
  keys = await serveKeys();
});
afterAll(() => keys.close());

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const statusOf = async (key: string) => (await keys.served.call("/either", bearer(key))).status;

async function until(condition: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > limitMs) throw new Error(`did not happen within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a remembered key", () => {
  it("is found without asking the database", async () => {
    const { key } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_fast" });
    expect(await statusOf(key)).toBe(200);
    expect(keys.cache.find("customer", key)).not.toBeInstanceOf(Promise);
    expect(keys.cache.find("vendor", key)).toBeUndefined();
  });

  it("A15: is refused at once after its revocation in another process, with requests in flight and a stream open", async () => {
    const { key, id } = await mintApiKey(keys.database, { kind: "vendor", subject: "pur_revoked" });
    const stream = await fetch(`${keys.served.server.url}/ticks`, bearer(key));
    expect(stream.status).toBe(200);
    const inFlight = Array.from({ length: 20 }, () => statusOf(key));
    await revokeApiKeys(keys.database, { id });
    // Well before it would have been looked up again of itself.
    await until(async () => (await statusOf(key)) === 401);
    for (const status of await Promise.all(inFlight)) expect([200, 401]).toContain(status);
    // A stream that was admitted runs to its end: what it delivers was authorised when it began.
    expect(await stream.text()).toContain("data: 4");
    expect(await Promise.all([statusOf(key), statusOf(key)])).toEqual([401, 401]);
  });

  it("A16: is refused at its end even while it is remembered", async () => {
    const { key } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_overlap" });
    expect(await statusOf(key)).toBe(200);
    await rotateApiKey(keys.database, { kind: "customer", subject: "pur_overlap", overlapSeconds: 25 });
    await until(() => keys.cache.find("customer", key) instanceof Promise);
    expect(await statusOf(key)).toBe(200);
    keys.clock.offsetMs = 25_100;
    expect(await statusOf(key)).toBe(401);
    keys.clock.offsetMs = 0;
  });

  it("is asked for again after the stated bound, should a notice ever be lost", async () => {
    const { key } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_bound" });
    expect(await statusOf(key)).toBe(200);
    keys.clock.offsetMs = CACHE_TTL_MS + 1_000;
    expect(keys.cache.find("customer", key)).toBeInstanceOf(Promise);
    keys.clock.offsetMs = 0;
  });

  it("never outlives a revocation that crosses its own look-up", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { key, id } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_race" });
      await Promise.all([statusOf(key), revokeApiKeys(keys.database, { id }), statusOf(key)]);
      await until(async () => (await statusOf(key)) === 401);
    }
  });
});

describe("an unknown key", () => {
  it("is not remembered: it works the moment it is registered", async () => {
    const { key, id } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_new" });
    const stranger = key.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    expect(await statusOf(stranger)).toBe(401);
    expect([await statusOf(key), id]).toEqual([200, id]);
  });
});

describe("when the connection that hears revocations is cut", () => {
  it("remembers nothing until it is back, so that a revoked key is refused all the same", async () => {
    const { key, id } = await mintApiKey(keys.database, { kind: "customer", subject: "pur_cut" });
    expect(await statusOf(key)).toBe(200);
    await keys.database.raw(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api-key-changes'",
    );
    await until(() => keys.cache.find("customer", key) instanceof Promise);
    await revokeApiKeys(keys.database, { id });
    expect(await statusOf(key)).toBe(401);
    const other = await mintApiKey(keys.database, { kind: "customer", subject: "pur_back" });
    await until(
      async () => (await statusOf(other.key)) === 200 && !(keys.cache.find("customer", other.key) instanceof Promise),
    );
  });
});

describe("last use", () => {
  it("is written in batches, at the latest when the process stops", async () => {
    const own = await serveKeys();
    const { key } = await mintApiKey(own.database, { kind: "customer", subject: "pur_used" });
    const hash = hashSecret(key);
    const read = async () => (await findApiKey(own.database, hash))?.lastUsedAt ?? null;
    await own.served.call("/either", bearer(key));
    expect(await read()).toBeNull();
    await own.cache.stop();
    const usedAgo = Date.now() - ((await read()) ?? 0);
    expect(usedAgo).toBeLessThan(60_000);
    await own.close();
  });
});

describe("when the database is away", () => {
  it("503 unavailable for a key nobody remembers, without a word about the database", async () => {
    const url = "postgres://nobody:hush@127.0.0.1:9/none";
    const database = openDatabase(url, { maxConnections: 1, name: "away" });
    const logger = createLogger({ level: "silent", name: "test" });
    const clock = { now: () => Date.now() };
    const cache = await openKeyCache({ database, listenUrl: url, logger, clock });
    const served = await serveRoutes([whoAmI], { verifiers: createVerifiers({ keys: cache, adminToken: undefined }) });
    const reply = await served.call("/me", bearer(`cbk_${"k".repeat(43)}`));
    expect([reply.status, problemIn(reply).code, reply.headers.get("retry-after")]).toEqual([503, "unavailable", "2"]);
    expect(reply.text).not.toMatch(/hush|127\.0\.0\.1|ECONNREFUSED|postgres/i);
    expect((await served.call("/me", bearer("nonsense"))).status).toBe(401);
    await served.close();
    await cache.stop();
    await database.destroy();
  });
});
