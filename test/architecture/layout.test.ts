import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { houseRules } from "./house-rules/rules.ts";
import { readTree } from "./house-rules/tree.ts";

const tree = readTree(fileURLToPath(new URL("../..", import.meta.url)));

describe("the house", () => {
  for (const { name, check } of houseRules) {
    it(name, () => expect(check(tree)).toEqual([]), 120_000);
  }
});
