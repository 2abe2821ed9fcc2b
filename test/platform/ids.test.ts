import { describe, expect, it } from "vitest";
import { newId, randomSecret } from "../../src/platform/ids.ts";

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
});
