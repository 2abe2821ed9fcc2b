import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findApiKey, listApiKeys } from "../../src/identity/api-key-store.ts";
import { findLivingKey, mintApiKey, registerApiKey, revokeApiKeys, rotateApiKey } from "../../src/identity/api-keys.ts";
import { hashSecret } from "../../src/platform/secret-hash.ts";
import type { ServedKeys } from "./served-keys.ts";
import { serveKeys } from "./served-keys.ts";

let keys: ServedKeys;
beforeAll(async () => {
  keys = await serveKeys();
});
afterAll(() => keys.close());

const find = (key: string, now = Date.now()) => findLivingKey(keys.database, { kind: "customer", key, now });

describe("mintApiKey", () => {
  it("makes keys of 256 random bits that the database knows only by hash", async () => {
    const minted = await mintApiKey(keys.database, { kind: "customer", subject: "pur_mint" });
    expect(minted.key).toMatch(/^cbk_[A-Za-z0-9_-]{43}$/);
    const row = await keys.database("api_keys").where({ id: minted.id }).first();
    expect(JSON.stringify(row)).not.toContain(minted.key.slice(4, 40));
    expect((await find(minted.key))?.subject).toBe("pur_mint");
    expect((await mintApiKey(keys.database, { kind: "customer", subject: "pur_mint" })).key).not.toBe(minted.key);
  });

  it("makes keys that end on time", async () => {
    const minted = await mintApiKey(keys.database, {
      kind: "customer",
      subject: "pur_end",
      expiresAt: new Date(Date.now() + 60_000),
    });
    expect(await find(minted.key)).toBeDefined();
    expect(await find(minted.key, Date.now() + 61_000)).toBeUndefined();
  });
});

describe("registerApiKey", () => {
  const key = `cbk_${"k".repeat(43)}`;

  it("takes a derived key once, however often and however parallel it is registered", async () => {
    const input = { kind: "customer", subject: "pur_derived", key } as const;
    const records = await Promise.all(Array.from({ length: 8 }, () => registerApiKey(keys.database, input)));
    expect(new Set(records.map((record) => record.id)).size).toBe(1);
    await revokeApiKeys(keys.database, { kind: "customer", subject: "pur_derived" });
    await registerApiKey(keys.database, input);
    expect(await find(key)).toBeUndefined();
  });

  it("refuses another subject's key and texts that are no key", async () => {
    await expect(registerApiKey(keys.database, { kind: "customer", subject: "pur_thief", key })).rejects.toThrow(
      "another subject",
    );
    for (const text of ["", "cbk_short", `vbk_${"k".repeat(43)}`, `cbk_${"k".repeat(42)}'`]) {
      await expect(registerApiKey(keys.database, { kind: "customer", subject: "pur_x", key: text })).rejects.toThrow(
        "not a customer key",
      );
    }
  });
});

describe("A16: rotateApiKey", () => {
  it("lets old and new work together for the overlap, then only the new", async () => {
    const old = await mintApiKey(keys.database, { kind: "customer", subject: "pur_rotate" });
    const next = await rotateApiKey(keys.database, { kind: "customer", subject: "pur_rotate", overlapSeconds: 60 });
    expect([(await find(old.key))?.replacedBy, await find(next.key)]).toMatchObject([
      next.id,
      { subject: "pur_rotate" },
    ]);
    expect(await find(old.key, Date.now() + 61_000)).toBeUndefined();
    expect(await find(next.key, Date.now() + 61_000)).toBeDefined();
  });

  it("ends the old at once without overlap, and never prolongs a key that was ending", async () => {
    const ending = await mintApiKey(keys.database, {
      kind: "customer",
      subject: "pur_ending",
      expiresAt: new Date(Date.now() + 10_000),
    });
    await rotateApiKey(keys.database, { kind: "customer", subject: "pur_ending", overlapSeconds: 3600 });
    expect(await find(ending.key, Date.now() + 11_000)).toBeUndefined();
    await rotateApiKey(keys.database, { kind: "customer", subject: "pur_ending", overlapSeconds: 0 });
    expect(await find(ending.key, Date.now() + 50)).toBeUndefined();
  });

  it("touches neither other subjects nor other kinds", async () => {
    const vendor = await mintApiKey(keys.database, { kind: "vendor", subject: "pur_rotate" });
    const other = await mintApiKey(keys.database, { kind: "customer", subject: "pur_other" });
    await rotateApiKey(keys.database, { kind: "customer", subject: "pur_rotate", overlapSeconds: 0 });
    expect((await findApiKey(keys.database, hashSecret(vendor.key)))?.expiresAt).toBeNull();
    expect(await find(other.key)).toBeDefined();
  });
});

describe("revokeApiKeys", () => {
  it("is for good: the database itself refuses to undo it", async () => {
    const minted = await mintApiKey(keys.database, { kind: "customer", subject: "pur_gone" });
    expect(await revokeApiKeys(keys.database, { id: minted.id })).toBe(1);
    expect(await revokeApiKeys(keys.database, { id: minted.id })).toBe(0);
    expect(await find(minted.key)).toBeUndefined();
    const undo = keys.database("api_keys").where({ id: minted.id }).update({ revoked_at: null });
    await expect(undo).rejects.toThrow("stays revoked");
    await expect(keys.database("api_keys").where({ id: minted.id }).delete()).rejects.toThrow("permission denied");
  });

  it("lists a subject's keys newest first", async () => {
    const first = await mintApiKey(keys.database, { kind: "vendor", subject: "pur_list" });
    const second = await rotateApiKey(keys.database, { kind: "vendor", subject: "pur_list", overlapSeconds: 5 });
    const listed = await listApiKeys(keys.database, { kind: "vendor", subject: "pur_list" });
    expect(listed.map((record) => record.id)).toEqual([second.id, first.id]);
  });
});
