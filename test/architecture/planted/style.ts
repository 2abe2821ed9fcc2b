/** A source that breaks one rule of Biome or ESLint. */
export type PlantedStyle = { readonly rule: string; readonly file: string; readonly source: string };

const repeat = (count: number, line: (place: number) => string) =>
  Array.from({ length: count }, (_, place) => line(place)).join("\n");

const documented = (declaration: string) => `/** A thing. */\nexport ${declaration}\n`;

const decisions = repeat(13, (place) => `  if (input === ${place}) {\n    return ${place};\n  }`);

/** At least one violation of every Biome rule that .biome.json names. */
export const plantedStyle: readonly PlantedStyle[] = [
  { rule: "format", file: "src/platform/planted-format.ts", source: documented("const text = 'single'") },
  {
    rule: "assist/source/organizeImports",
    file: "src/platform/planted-imports.ts",
    source: `import { sep } from "node:path";\nimport { EOL } from "node:os";\n\n${documented("const text = sep + EOL;")}`,
  },
  {
    rule: "lint/complexity/noExcessiveCognitiveComplexity",
    file: "src/platform/planted-complex.ts",
    source: documented(`function decide(input: number): number {\n${decisions}\n  return -1;\n}`),
  },
  {
    rule: "lint/complexity/noExcessiveLinesPerFunction",
    file: "src/platform/planted-long-function.ts",
    source: documented(`function list(): void {\n${repeat(61, (place) => `  list.name.at(${place});`)}\n}`),
  },
  {
    rule: "lint/complexity/noUselessCatch",
    file: "src/platform/planted-catch.ts",
    source: documented(
      "function run(act: () => void): void {\n  try {\n    act();\n  } catch (error) {\n    throw error;\n  }\n}",
    ),
  },
  {
    rule: "lint/nursery/noExcessiveNestedBlocks",
    file: "src/platform/planted-nesting.ts",
    source: documented(
      "function dig(input: number): number {\n  if (input > 1) {\n    for (const one of [1]) {\n      if (one > 2) {\n        if (one > 3) {\n          return 1;\n        }\n      }\n    }\n  }\n  return 2;\n}",
    ),
  },
  {
    rule: "lint/correctness/noUnusedImports",
    file: "src/platform/planted-unused-import.ts",
    source: `import { sep } from "node:path";\n\n${documented("const text = 1;")}`,
  },
  {
    rule: "lint/correctness/noUnusedVariables",
    file: "src/platform/planted-unused-variable.ts",
    source: `const unused = 1;\n\n${documented("const text = 1;")}`,
  },
  {
    rule: "lint/correctness/noUnusedFunctionParameters",
    file: "src/platform/planted-unused-parameter.ts",
    source: documented("function run(unused: number): number {\n  return 1;\n}"),
  },
  {
    rule: "lint/performance/noBarrelFile",
    file: "src/platform/planted-barrel.ts",
    source: 'export { value } from "./clock.ts";\n',
  },
  {
    rule: "lint/performance/noReExportAll",
    file: "src/platform/planted-barrel-all.ts",
    source: 'export * from "./clock.ts";\n',
  },
  {
    rule: "lint/style/noDefaultExport",
    file: "src/platform/planted-default.ts",
    source: "/** A thing. */\nexport default function run(): void {}\n",
  },
  {
    rule: "lint/style/noEnum",
    file: "src/platform/planted-enum.ts",
    source: documented("enum Colour {\n  Red = 1,\n}"),
  },
  {
    rule: "lint/style/noExcessiveLinesPerFile",
    file: "src/platform/planted-long.ts",
    source: `${repeat(301, (place) => `// line ${place}`)}\n${documented("const text = 1;")}`,
  },
  {
    rule: "lint/style/noExcessiveLinesPerFile",
    file: "test/platform/planted-long.test.ts",
    source: `${repeat(401, (place) => `// line ${place}`)}\n${documented("const text = 1;")}`,
  },
  {
    rule: "lint/style/noNamespace",
    file: "src/platform/planted-namespace.ts",
    source: documented("namespace Room {}"),
  },
  {
    rule: "lint/style/noNestedTernary",
    file: "src/platform/planted-ternary.ts",
    source: documented('const text = (input: number) => (input > 1 ? "a" : input > 0 ? "b" : "c");'),
  },
  {
    rule: "lint/style/noNonNullAssertion",
    file: "src/platform/planted-bang.ts",
    source: documented("const first = (list: string[]) => list[0]!.length;"),
  },
  {
    rule: "lint/style/noParameterAssign",
    file: "src/platform/planted-assign.ts",
    source: documented("function run(input: number): number {\n  input = 2;\n  return input;\n}"),
  },
  {
    rule: "lint/style/noParameterProperties",
    file: "src/platform/planted-property.ts",
    source: documented(
      "class Failure extends Error {\n  constructor(readonly code: string) {\n    super(code);\n  }\n}",
    ),
  },
  {
    rule: "lint/style/noProcessEnv",
    file: "src/platform/planted-env.ts",
    source: documented("const port = process.env.PORT;"),
  },
  {
    rule: "lint/style/useConst",
    file: "src/platform/planted-let.ts",
    source: documented("function run(): number {\n  let answer = 1;\n  return answer;\n}"),
  },
  {
    rule: "lint/style/useFilenamingConvention",
    file: "src/platform/plantedCamel.ts",
    source: documented("const text = 1;"),
  },
  {
    rule: "lint/style/useImportType",
    file: "src/platform/planted-type.ts",
    source: `import { Server } from "node:http";\n\n${documented("type Kept = { readonly server: Server };")}`,
  },
  {
    rule: "lint/style/useNodejsImportProtocol",
    file: "src/platform/planted-protocol.ts",
    source: `import { sep } from "path";\n\n${documented("const text = sep;")}`,
  },
  {
    rule: "lint/suspicious/noConsole",
    file: "src/platform/planted-console.ts",
    source: documented("const say = () => console.log(1);"),
  },
  {
    rule: "lint/suspicious/noExplicitAny",
    file: "src/platform/planted-any.ts",
    source: documented("const name = (input: any) => String(input);"),
  },
  {
    rule: "lint/suspicious/noEvolvingTypes",
    file: "src/platform/planted-evolving.ts",
    source: documented("function run(): unknown {\n  let answer;\n  answer = 1;\n  return answer;\n}"),
  },
  {
    rule: "lint/suspicious/noTsIgnore",
    file: "src/platform/planted-ignore.ts",
    source: `// @ts-ignore\n${documented("const text: number = 1;")}`,
  },
];

const inWorkflow = (place: string, statement: string, rule = "no-restricted-syntax"): PlantedStyle => ({
  rule,
  file: `workflows/planted-${place}.ts`,
  source: documented(`async function run(): Promise<unknown> {\n  ${statement}\n}`),
});

/** At least one violation of every ESLint rule, and of every piece of syntax a workflow may not use. */
export const plantedPromises: readonly PlantedStyle[] = [
  {
    rule: "@typescript-eslint/no-floating-promises",
    file: "src/platform/planted-floating.ts",
    source: documented("function run(act: () => Promise<void>): void {\n  act();\n}"),
  },
  {
    rule: "@typescript-eslint/no-misused-promises",
    file: "src/platform/planted-misused.ts",
    source: documented("const run = (act: () => Promise<boolean>) => {\n  if (act()) return 1;\n  return 2;\n};"),
  },
  {
    rule: "@typescript-eslint/await-thenable",
    file: "src/platform/planted-await.ts",
    source: documented("const run = async (input: number) => await input;"),
  },
  {
    rule: "@typescript-eslint/switch-exhaustiveness-check",
    file: "src/platform/planted-switch.ts",
    source: documented(
      'function run(input: "a" | "b"): number {\n  switch (input) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}',
    ),
  },
  {
    rule: "jsdoc/require-jsdoc",
    file: "src/platform/planted-bare-function.ts",
    source: "export function run(): void {}\n",
  },
  { rule: "jsdoc/require-jsdoc", file: "src/platform/planted-bare-arrow.ts", source: "export const run = () => 1;\n" },
  {
    rule: "jsdoc/require-jsdoc",
    file: "src/platform/planted-bare-type.ts",
    source: "export type Bare = { readonly a: 1 };\n",
  },
  {
    rule: "jsdoc/require-jsdoc",
    file: "migrations/0008-planted-bare.ts",
    source: "export class Bare extends Error {}\n",
  },
  { rule: "jsdoc/require-jsdoc", file: "activities/planted-bare.ts", source: "export const limit = 1;\n" },
  {
    rule: "jsdoc/require-description",
    file: "src/platform/planted-empty.ts",
    source: "/** */\nexport const limit = 1;\n",
  },
  {
    rule: "no-restricted-syntax",
    file: "src/platform/planted-later.ts",
    source: "const limit = 1;\nexport { limit };\n",
  },
  inWorkflow("void", "void run();", "@typescript-eslint/no-floating-promises"),
  inWorkflow("random", "return Math.random();"),
  inWorkflow("fetch", 'return fetch("http://127.0.0.1");'),
  inWorkflow("process", "return process.pid;"),
  inWorkflow("timer", "return setTimeout(() => 1, 1);"),
  inWorkflow("weak", "return new WeakRef({});"),
  inWorkflow("bigint-literal", "return 5n;"),
  inWorkflow("bigint", 'return BigInt("5");'),
  {
    rule: "no-restricted-syntax",
    file: "workflows/planted-proxy.ts",
    source: `import { proxyActivities } from "@temporalio/workflow";\n\n${documented("const proxies = proxyActivities<object>({});")}`,
  },
];
