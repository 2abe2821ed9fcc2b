import { describe, expect, it } from "vitest";
import { newId, newUuid, randomSecret } from "../../src/platform/ids.ts";

describe("ids", () => {
  it("carry their prefix, sort by age and never repeat", () => {
    const ids = Array.from({ length: 10_000 }, () => newId("pur", 1_700_000_000_000));
    expect(new Set(ids).size).toBe(10_000);
    expect(ids[0]).toMatch(/^pur_[0-9a-hjkmnp-tv-z]{36}$/);
    expect(newId("pur", 1_700_000_000_000) < newId("pur", 1_700_000_000_001)).toBe(true);
  });

  it("are not what unguessable tokens are made with", () => {
    expect(randomSecret("chk")).toMatch(/^chk_[A-Za-z0-9_-]{43}$/);
    expect(randomSecret("chk")).not.toBe(randomSecret("chk"));
  });

  it("are UUIDs of version 7 where a UUID is wanted, and sort by age too", () => {
    const ids = Array.from({ length: 5_000 }, () => newUuid(1_700_000_000_000));
    expect(new Set(ids).size).toBe(5_000);
    for (const id of ids) expect(id).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newUuid(1_700_000_000_000) < newUuid(1_700_000_000_001)).toBe(true);
  });
});
