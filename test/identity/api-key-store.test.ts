import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expireReplacedKeys,
  findApiKey,
  insertApiKey,
  listApiKeys,
  listenForKeyChanges,
  markRevoked,
  markUsed,
} from "../../src/identity/api-key-store.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let test: TestDatabase;
let database: Knex;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "key-store" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

let made = 0;
function newKey(subject: string, more: { readonly expiresAt?: Date; readonly hash?: Buffer } = {}) {
  made += 1;
  const { expiresAt = null, hash = randomBytes(32) } = more;
  return insertApiKey(database, { id: `key_${made}`, hash, kind: "customer", subject, hint: "abcd", expiresAt });
}

describe("a key", () => {
  it("is stored once by its hash: the row that stood first is the one that stands", async () => {
    const hash = randomBytes(32);
    const rows = await Promise.all([newKey("once", { hash }), newKey("other", { hash }), newKey("third", { hash })]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
    expect((await findApiKey(database, hash))?.id).toBe(rows[0]?.id);
    expect(await findApiKey(database, randomBytes(32))).toBeUndefined();
  });

  it("keeps its times to the millisecond", async () => {
    const expiresAt = new Date("2031-02-03T04:05:06.789Z");
    expect((await newKey("times", { expiresAt })).expiresAt).toBe(expiresAt.getTime());
  });

  it("is listed for its own subject and kind only, newest first", async () => {
    const [old, young] = [await newKey("listed"), await newKey("listed")];
    await newKey("listed elsewhere");
    const found = await listApiKeys(database, { kind: "customer", subject: "listed" });
    expect(found.map(({ id }) => id)).toEqual([young.id, old.id]);
    expect(await listApiKeys(database, { kind: "vendor", subject: "listed" })).toEqual([]);
  });
});

describe("a replaced key", () => {
  it("lives for the overlap, never longer than it would have, and names the one that replaced it", async () => {
    const soon = Date.now() + 10_000;
    const [endless, ending] = [await newKey("turn"), await newKey("turn", { expiresAt: new Date(soon) })];
    const fresh = await newKey("turn");
    const input = { kind: "customer", subject: "turn", newId: fresh.id, overlapSeconds: 3600 } as const;
    expect(await expireReplacedKeys(database, input)).toBe(2);
    const found = await listApiKeys(database, { kind: "customer", subject: "turn" });
    const byId = new Map(found.map((key) => [key.id, key]));
    expect(byId.get(fresh.id)).toMatchObject({ expiresAt: null, replacedBy: null });
    expect(byId.get(ending.id)).toMatchObject({ expiresAt: soon, replacedBy: fresh.id });
    expect(Math.abs((byId.get(endless.id)?.expiresAt ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });
});

describe("a revoked key", () => {
  it("stays revoked since the first time, and the others of its subject are counted once", async () => {
    const [one] = [await newKey("gone"), await newKey("gone")];
    expect(await markRevoked(database, { id: one.id })).toBe(1);
    const revokedAt = (await findApiKey(database, one.hash))?.revokedAt;
    expect(await markRevoked(database, { kind: "customer", subject: "gone" })).toBe(1);
    expect(await markRevoked(database, { kind: "customer", subject: "gone" })).toBe(0);
    expect((await findApiKey(database, one.hash))?.revokedAt).toBe(revokedAt);
  });
});

describe("the time of last use", () => {
  it("never goes back, whatever order processes report in", async () => {
    const key = await newKey("used");
    await markUsed(database, new Map([[key.id, 2_000_000]]));
    await markUsed(database, new Map([[key.id, 1_000_000]]));
    expect((await findApiKey(database, key.hash))?.lastUsedAt).toBe(2_000_000);
  });
});

describe("many keys used at once", () => {
  it("are noted by several processes in whatever order they were used: none waits for another in a ring", async () => {
    const keys = await Promise.all(Array.from({ length: 200 }, () => newKey("ring")));
    const ids = keys.map(({ id }) => id);
    const orders = [ids, ids.toReversed(), ids.toSorted(), ids.toSorted().toReversed()];
    for (let round = 1; round <= 10; round += 1)
      await Promise.all(orders.map((order) => markUsed(database, new Map(order.map((id) => [id, round * 1_000])))));
    const used = await Promise.all(keys.map(({ hash }) => findApiKey(database, hash)));
    expect(new Set(used.map((key) => key?.lastUsedAt))).toEqual(new Set([10_000]));
  });
});

describe("who listens for changes", () => {
  it("hears of a revocation by another process, by the key's hash, and not of its mere use", async () => {
    const heard: string[] = [];
    const listener = await listenForKeyChanges(test.applicationUrl, {
      onChange: (hash) => void heard.push(hash),
      onLost: () => void heard.push("lost"),
    });
    const key = await newKey("heard");
    await markUsed(database, new Map([[key.id, 1]]));
    await markRevoked(database, { id: key.id });
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(heard).toEqual([key.hash.toString("base64")]);
    await listener.stop();
    expect(heard).not.toContain("lost");
  });

  it("is told once when the connection is lost", async () => {
    let lost = 0;
    const listener = await listenForKeyChanges(test.applicationUrl, {
      onChange: () => undefined,
      onLost: () => (lost += 1),
    });
    await database.raw(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api-key-changes'",
    );
    await expect.poll(() => lost).toBe(1);
    await listener.stop().catch(() => undefined);
    expect(lost).toBe(1);
  });
});
