import { describe, expect, it } from "vitest";
import { isExplained } from "../../../../src/integrations/chains/reconciliation/under-way.ts";

describe("isExplained", () => {
  it.each<[bigint, readonly bigint[], readonly bigint[], boolean]>([
    [0n, [], [], true],
    [1n, [], [], false],
    [-1n, [], [], false],
    [5n, [5n], [], true],
    [4n, [5n], [], true],
    [6n, [5n], [], false],
    [-5n, [], [5n], true],
    [-4n, [], [5n], false],
    [-8n, [], [5n, 3n], true],
    [-3n, [5n], [8n], true],
    [-9n, [5n], [8n], false],
  ])("of %s with %s arriving and %s leaving: %s", (difference, arriving, leaving, explained) => {
    expect(isExplained({ difference, arriving, leaving })).toBe(explained);
  });

  it("stays quick where very much leaves at once, and still knows the bounds", () => {
    const leaving = Array.from({ length: 60 }, () => 3n);
    expect(isExplained({ difference: -90n, arriving: [], leaving })).toBe(true);
    expect(isExplained({ difference: -181n, arriving: [], leaving })).toBe(false);
    expect(isExplained({ difference: 1n, arriving: [], leaving })).toBe(false);
  });
});
