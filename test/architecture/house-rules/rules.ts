import { documentRules } from "./documents.ts";
import { endpointRules } from "./endpoints.ts";
import { layoutRules } from "./layout.ts";
import { lockRules } from "./lock.ts";
import { mirrorRules } from "./mirrors.ts";
import { syntaxRules } from "./syntax.ts";
import type { HouseRule } from "./tree.ts";
import { wordRules } from "./words.ts";

/** Every rule of the house that no linter has. */
export const houseRules: readonly HouseRule[] = [
  ...layoutRules,
  ...syntaxRules,
  ...endpointRules,
  ...wordRules,
  ...documentRules,
  ...lockRules,
  ...mirrorRules,
];
