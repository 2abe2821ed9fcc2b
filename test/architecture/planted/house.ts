/** A file that breaks one house rule: the rule is found by its name, the complaint starts with `complaint`. */
export type PlantedHouse = {
  readonly rule: string;
  readonly file: string;
  readonly source: string;
  readonly complaint: string;
};

const plant = (rule: string, file: string, source: string, complaint = `${file}:`): PlantedHouse => ({
  rule,
  file,
  source,
  complaint,
});

const documented = (declaration: string) => `/** A thing. */\nexport ${declaration}\n`;

const failing = (name: string, code: string) =>
  documented(`class ${name} extends Error {\n  constructor() {\n    super({ code: "${code}", status: 400 });\n  }\n}`);

const PLANTED_LOCK =
  '{"packages":{"":{"dependencies":{"left-behind":"1.0.0"}},"node_modules/tool":{"optionalDependencies":{"tool-darwin-arm64":"1.0.0"}}}}';

/** At least one violation of every house rule. */
export const plantedHouse: readonly PlantedHouse[] = [
  plant("the top level holds what src/README.md lists, and dotfiles", "scripts/deploy.sh", "echo", "scripts:"),
  plant("src/ holds the rooms of the map and nothing beside them", "src/services/x.ts", "", "src/services:"),
  plant("no file or folder is named after nothing", "src/ledger/entry-utils.ts", ""),
  plant("no file or folder is named after nothing", "src/platform/common/x.ts", ""),
  plant("no file or folder is named after nothing", "test/support/helpers.ts", ""),
  plant(
    "each product room has its endpoint table and its errors",
    "src/products/empty/x.ts",
    "",
    "src/products/empty/routes.ts: missing",
  ),
  plant(
    "each product room has its endpoint table and its errors",
    "src/products/empty/y.ts",
    "",
    "src/products/empty/errors.ts: missing",
  ),
  plant("each migration is numbered, explained and listed once, in order", "migrations/12-short.ts", "/** Why. */"),
  plant(
    "each migration is numbered, explained and listed once, in order",
    "migrations/0060-why.ts",
    "export const sql = 1;",
  ),
  plant(
    "each decision page is numbered once and says what and why",
    "docs/decisions/0091-a.md",
    "# A\n\n## Decision\n",
  ),
  plant(
    "each decision page is numbered once and says what and why",
    "docs/decisions/0092-b.md",
    "## Decision\n\n## Why\n",
  ),
  plant("the changelog has an Unreleased section", "CHANGELOG.md", "# Changes\n"),
  plant("what ships is TypeScript, data, or the parts of a page", "src/platform/planted.js", "export const x = 1;\n"),
  plant(
    "SQL is written in *-store.ts and migrations only",
    "src/platform/planted-select.ts",
    documented('const sql = "SELECT id FROM offers";'),
  ),
  plant(
    "SQL is written in *-store.ts and migrations only",
    "src/platform/planted-insert.ts",
    documented("const sql = (id: string) => `INSERT INTO x VALUES ($" + "{id})`;"),
  ),
  plant(
    "SQL is written in *-store.ts and migrations only",
    "src/platform/planted-builder.ts",
    documented('const rows = (database: (name: string) => unknown) => database("offers");'),
  ),
  plant(
    "SQL is written in *-store.ts and migrations only",
    "src/platform/planted-raw.ts",
    documented('const rows = (database: { raw: (sql: string) => unknown }) => database.raw("x");'),
  ),
  plant(
    "no cast but a brand at its own declaration and `as const`",
    "src/platform/planted-cast.ts",
    documented("const x = (y: unknown) => y as string;"),
  ),
  plant(
    "no cast but a brand at its own declaration and `as const`",
    "src/platform/planted-double-cast.ts",
    documented("const x = (y: string) => y as unknown as number;"),
  ),
  plant("the only classes are errors", "src/platform/planted-class.ts", documented("class Ledger {}")),
  plant(
    "the only classes are errors",
    "src/platform/planted-subclass.ts",
    documented("class Ledger extends Map<string, string> {}"),
  ),
  plant(
    "money is never a float",
    "src/platform/planted-float.ts",
    documented("const x = parseFloat;\n/** A price. */\nexport const y = parseFloat('1');"),
  ),
  plant(
    "money is never a float",
    "src/platform/planted-number.ts",
    documented("type Sale = { readonly amount: number };"),
  ),
  plant("no export is named after nothing", "src/platform/planted-name.ts", documented("const pathUtils = 1;")),
  plant(
    "a route file is named after its operationId",
    "src/products/empty/routes/get-planted.ts",
    documented('const route = { operationId: "fetchIt" };'),
  ),
  plant(
    "a route file is named after its operationId",
    "src/products/empty/routes/no-operation.ts",
    documented("const route = {};"),
  ),
  plant(
    "every problem a route declares is the code of an error",
    "src/products/empty/routes/get-problem.ts",
    documented('const route = { operationId: "getProblem", problems: ["never_thrown"] };'),
  ),
  plant(
    "an error code is snake_case and belongs to one error",
    "src/products/one/errors.ts",
    failing("Odd", "notSnake"),
  ),
  plant(
    "an error code is snake_case and belongs to one error",
    "src/products/two/errors.ts",
    failing("Twice", "notSnake"),
  ),
  plant(
    "a room's errors are in its errors.ts, or by topic beside it",
    "src/products/one/stray.ts",
    failing("Stray", "stray"),
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "src/platform/planted-path.ts",
    "// see /work/notes",
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "docs/planted-home.md",
    "Look into /home/somebody/x.",
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "docs/planted-registry.md",
    "from registry.npmjs.org",
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "docs/planted-author.md",
    "an AI-generated page",
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "docs/planted-source.md",
    "as design.md says",
  ),
  plant(
    "committed text names no machine, registry, tool or missing document",
    "src/platform/planted-todo.ts",
    "// TODO later",
  ),
  plant("every relative link of a page leads to a file", "docs/planted-link.md", "[gone](./gone.md)"),
  plant(
    "every variable the configuration reads is in .env.example, and no other",
    ".env.example",
    "UNREAD=1\n",
    ".env.example: shows UNREAD",
  ),
  plant(
    "every variable the configuration reads is in .env.example, and no other",
    "src/config.ts",
    documented("const schema = { UNSHOWN: 1 };"),
    ".env.example: does not show UNSHOWN",
  ),
  plant("package-lock.json names the packages of every platform", "package-lock.json", PLANTED_LOCK),
  plant(
    "package.json and its lock name the same packages at the same versions",
    "package-lock.json",
    PLANTED_LOCK,
    "package.json: dependencies has left-behind not at all, the lock 1.0.0",
  ),
  plant(
    "every room is on the map in src/README.md",
    "src/README.md",
    "`ledger/`",
    "src/README.md: does not name `platform/`",
  ),
  plant("every npm command a page names exists", "docs/planted-command.md", "Then `npm run nothing`."),
  plant(
    "the share of source files with a mirror test is not below its floor",
    "src/platform/planted-untested.ts",
    documented("function run(): void {}"),
  ),
];

/** Files the same rules must leave alone. */
export const innocentHouse: Readonly<Record<string, string>> = {
  "src/platform/innocent-brand.ts":
    'declare const unit: unique symbol;\n/** A brand. */\nexport type Seconds = number & { readonly [unit]: "seconds" };\n/** Brands. */\nexport const seconds = (value: number) => value as Seconds;\n/** Fixed. */\nexport const fixed = ["a"] as const;\n',
  "src/platform/innocent-store.ts": documented('const sql = "SELECT id FROM offers";'),
  "src/platform/innocent-text.ts": documented('const text = "Select one from the list; update your settings";'),
  "src/platform/innocent-error.ts": documented("class OutOfReachError extends RangeError {}"),
  "docs/decisions/0092-a.md": "## Decision\n\n## Why\n",
  "docs/innocent.md": "[code](../src/platform/innocent-store.ts) at `/v1/work`, TODO(owner, #12)\n",
};
