import { createHash, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { claimKey, forgetClaim, keepAnswer, purgeAnswers } from "../../../src/platform/http/idempotency-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

let test: TestDatabase;
let database: Knex;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 8, name: "idempotency-store" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

const identityOf = (key: string) => ({ scope: "customer:pur_1", operationId: "pay", key });
const hashOf = (text: string) => createHash("sha256").update(text).digest();
const claim = (key: string, content = "same", leaseSeconds = 60) =>
  claimKey(database, { ...identityOf(key), requestHash: hashOf(content), leaseSeconds });
const keep = (key: string, claimId: string, retentionSeconds = 3600) =>
  keepAnswer(database, { ...identityOf(key), claimId, status: 201, sealedAnswer: "v1.sealed", retentionSeconds });

async function claimed(key: string, leaseSeconds?: number): Promise<string> {
  const found = await claim(key, "same", leaseSeconds);
  if (found.kind !== "claimed") throw new Error(`the key is ${found.kind}`);
  return found.claimId;
}

describe("a key", () => {
  it("is claimed by exactly one of many at the same time", async () => {
    const found = await Promise.all(Array.from({ length: 8 }, () => claim("many")));
    expect(found.map(({ kind }) => kind).sort()).toEqual(["claimed", ...Array.from({ length: 7 }, () => "running")]);
  });

  it("tells who waits to come back within five seconds, however long the lease", async () => {
    await claimed("wait", 600);
    expect(await claim("wait")).toEqual({ kind: "running", retryAfterSeconds: 5 });
  });

  it("answers with what was kept, and only to the same request", async () => {
    await keep("kept", await claimed("kept"));
    expect(await claim("kept")).toEqual({ kind: "answered", status: 201, sealedAnswer: "v1.sealed" });
    expect(await claim("kept", "another amount")).toEqual({ kind: "other-request" });
  });

  it("of another scope or operation is another key", async () => {
    await claimed("scoped");
    const input = { ...identityOf("scoped"), requestHash: hashOf("same"), leaseSeconds: 60 };
    expect((await claimKey(database, { ...input, scope: "customer:pur_2" })).kind).toBe("claimed");
    expect((await claimKey(database, { ...input, operationId: "refund" })).kind).toBe("claimed");
  });

  it("is free again once its attempt changed nothing", async () => {
    await forgetClaim(database, { ...identityOf("free"), claimId: await claimed("free") });
    expect((await claim("free", "another amount")).kind).toBe("claimed");
  });
});

describe("a lapsed claim", () => {
  it("is taken over by the same request only, and its first holder can no longer answer for it", async () => {
    const late = await claimed("lapsed", 0);
    expect(await claim("lapsed", "another amount")).toEqual({ kind: "other-request" });
    const next = await claimed("lapsed");
    await keep("lapsed", late);
    await forgetClaim(database, { ...identityOf("lapsed"), claimId: late });
    expect((await claim("lapsed")).kind).toBe("running");
    await keep("lapsed", next);
    expect((await claim("lapsed")).kind).toBe("answered");
  });
});

describe("a kept answer", () => {
  it("is not removed by whoever claimed it, since it was given", async () => {
    const claimId = await claimed("given");
    await keep("given", claimId);
    await forgetClaim(database, { ...identityOf("given"), claimId });
    expect((await claim("given")).kind).toBe("answered");
  });

  it("past its retention is forgotten, even for another request", async () => {
    await keep("forgotten", await claimed("forgotten"), 0);
    expect((await claim("forgotten", "another amount")).kind).toBe("claimed");
  });

  it("is purged past its retention, oldest first and no more than asked for; a fresh lapsed claim is not", async () => {
    for (const key of ["purge-1", "purge-2"]) await keep(key, await claimed(key), 0);
    await claimed(`purge-claim-${randomUUID()}`, 0);
    expect(await purgeAnswers(database, 1)).toBe(1);
    expect(await database("idempotency_keys").where("key", "like", "purge-%").pluck("key")).not.toContain("purge-1");
    await purgeAnswers(database, 100);
    expect(await database("idempotency_keys").where("key", "like", "purge-%")).toHaveLength(1);
  });
});
