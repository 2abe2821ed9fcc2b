import { describe, expect, it } from "vitest";
import { drawPairs, drawTable } from "../../src/cli/table.ts";

const HASH = `0x${"ab".repeat(32)}`;
const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

describe("drawTable", () => {
  it("gives each row one line, below a head with a rule", () => {
    const lines = drawTable(
      ["id", "state"],
      [
        ["a", "sound"],
        ["b", "drift"],
      ],
    ).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[2]).toMatch(/^├/);
  });

  it("wraps long texts to 140 columns and never breaks a hash", () => {
    const text = drawTable(
      ["at", "more"],
      [["2026-11-21T14:04:51Z", `units 5000000, transaction ${HASH}, `.repeat(3)]],
    );
    expect(widest(text)).toBe(140);
    expect(text.split("\n").filter((line) => line.includes(HASH))).toHaveLength(3);
  });

  it("is wider than that rather than breaking what may be copied", () => {
    const text = drawTable(["a", "b", "c"], [[HASH, HASH, HASH]]);
    expect(text).toContain(`│ ${HASH} │ ${HASH} │ ${HASH} │`);
  });

  it("shows only its head when there is nothing", () => {
    expect(drawTable(["id"], [])).toMatch(/│ id │/);
  });
});

describe("drawPairs", () => {
  it("gives each name one line and no rules", () => {
    expect(
      drawPairs([
        ["API", "http://localhost"],
        ["S3", "there"],
      ]).split("\n"),
    ).toHaveLength(4);
  });
});
