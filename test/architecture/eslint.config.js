import { fileURLToPath } from "node:url";
import jsdoc from "eslint-plugin-jsdoc";
import { parser, plugin as typescript } from "typescript-eslint";

/**
 * What Biome cannot judge: four rules that need types, two about docstrings, and the determinism of workflows.
 * Everything else about form belongs to `.biome.json`.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));

const everything = ["src", "workflows", "activities", "migrations", "sandbox", "bench", "test"].map(
  (folder) => `${folder}/**/*.ts`,
);
const documented = ["src", "workflows", "activities", "migrations"].map((folder) => `${folder}/**/*.ts`);

const exportedDeclarations = [
  "ExportNamedDeclaration > TSTypeAliasDeclaration",
  "ExportNamedDeclaration > TSInterfaceDeclaration",
  "ExportNamedDeclaration > VariableDeclaration",
  "ExportNamedDeclaration > FunctionDeclaration",
  "ExportNamedDeclaration > ClassDeclaration",
  "ExportNamedDeclaration > TSDeclareFunction",
];

/** One forbidden piece of syntax and what to do instead. */
const forbid = (selector, message) => ({ selector, message });

const exportWhereDeclared = forbid(
  "ExportNamedDeclaration[source=null] > ExportSpecifier",
  "Export at the declaration, so that its docstring is checked.",
);

const nondeterminism = [
  forbid("CallExpression[callee.object.name='Math'][callee.property.name='random']", "Randomness: use uuid4()."),
  forbid(
    "Identifier[name=/^(process|fetch|performance|crypto|WebSocket|XMLHttpRequest)$/]:not(MemberExpression > .property):not(Property > .key):not(TSPropertySignature > .key)",
    "I/O and process state belong in an activity.",
  ),
  forbid(
    "CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/]",
    "Wait with sleep() or condition().",
  ),
  forbid("NewExpression[callee.name=/^(WeakRef|FinalizationRegistry)$/]", "Garbage collection is not deterministic."),
  forbid(
    "Literal[bigint]",
    "No money arithmetic in workflows: amounts are decimal strings, sums are made by activities.",
  ),
  forbid(
    "CallExpression[callee.name=/^(BigInt|parseFloat)$/]",
    "No money arithmetic in workflows: amounts are decimal strings, sums are made by activities.",
  ),
];

const proxiesElsewhere = forbid(
  "ImportSpecifier[imported.name=/^proxy(Local)?Activities$/]",
  "Proxies, with their retry policies and timeouts, are made in activity-proxies.ts only.",
);

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error", noInlineConfig: true } },
  {
    files: everything,
    languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { "@typescript-eslint": typescript },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    files: documented,
    plugins: { jsdoc },
    rules: {
      "jsdoc/require-jsdoc": [
        "error",
        {
          publicOnly: { esm: true, cjs: false, window: false },
          require: { FunctionDeclaration: false },
          contexts: exportedDeclarations,
          enableFixer: false,
        },
      ],
      "jsdoc/require-description": [
        "error",
        {
          contexts: [...exportedDeclarations, "ExportNamedDeclaration:has(> VariableDeclaration)"],
          descriptionStyle: "body",
        },
      ],
      "no-restricted-syntax": ["error", exportWhereDeclared],
    },
  },
  {
    files: ["workflows/**/*.ts"],
    rules: {
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
      "no-restricted-syntax": ["error", exportWhereDeclared, ...nondeterminism, proxiesElsewhere],
    },
  },
  {
    files: ["workflows/activity-proxies.ts"],
    rules: { "no-restricted-syntax": ["error", exportWhereDeclared, ...nondeterminism] },
  },
];
