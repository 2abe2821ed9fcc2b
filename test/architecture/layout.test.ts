import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { endpointRules } from "./house-rules/endpoints.ts";
import { layoutRules } from "./house-rules/layout.ts";
import { mirrorRules } from "./house-rules/mirrors.ts";
import { syntaxRules } from "./house-rules/syntax.ts";
import { readTree } from "./house-rules/tree.ts";
import { wordRules } from "./house-rules/words.ts";

const tree = readTree(fileURLToPath(new URL("../..", import.meta.url)));

describe("the house", () => {
  for (const rule of [...layoutRules, ...syntaxRules, ...endpointRules, ...wordRules, ...mirrorRules]) {
    it(rule.name, () => {
      expect(rule.check(tree)).toEqual([]);
    });
  }
});
