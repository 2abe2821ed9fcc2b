import { describe, expect, it } from "vitest";
import { toPage } from "../../../../src/products/access/telling/page.ts";

describe("toPage", () => {
  it("names where the next page begins only when there is one", () => {
    const cut = (rows: readonly string[]) => toPage(rows, { limit: 2, cursorOf: (row) => row });
    expect(cut(["c", "b", "a"])).toEqual({ items: ["c", "b"], nextCursor: "b" });
    expect(cut(["c", "b"])).toEqual({ items: ["c", "b"], nextCursor: null });
    expect(cut([])).toEqual({ items: [], nextCursor: null });
  });
});
