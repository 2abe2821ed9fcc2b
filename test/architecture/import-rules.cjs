/**
 * The arrows of src/README.md as dependency-cruiser rules: a lower tier never imports a higher one, rooms do not know each
 * other, and every outside party is reached through its own folder. `planted.test.ts` shows each rule firing once.
 */

const OUTER = "^(workflows|activities|migrations|sandbox|test|bench)/";
const SCAFFOLDING = "^(sandbox|test|bench)/";
const PRODUCTION = "^(src|workflows|activities|migrations)/";
const PROCESSES = "^src/(api|worker|facilitator)\\.ts$|^src/cli/";
const WIRING = "^src/(app|context|config|config-variables)\\.ts$";
/**
 * What holds a private key in the clear: only the worker may reach it. `chains/signer.ts` is the port and `key-ring.ts` the public
 * half; neither is among them.
 */
const KEY_HOLDERS = "^src/.*(keystore|-signer|mnemonic|private-key)[^/]*\\.ts$";

/** An npm package by name, subpaths included, wherever npm put it. */
const npm = (...names) => `(^|node_modules/)(${names.join("|")})(/|$)`;

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const tier = (name, room, lower) =>
  rule(
    name,
    `${room} imports only ${lower.join(", ") || "itself"}.`,
    { path: `^src/${room}(/|\\.ts$)` },
    {
      path: "^(src|workflows|activities|migrations|sandbox|test|bench)/",
      pathNot: `^src/(${[room, ...lower].join("|")})(/|\\.ts$)`,
    },
  );

const tiers = [
  tier("errors-stand-alone", "errors", []),
  tier("money-knows-only-errors", "money", ["errors"]),
  tier("ledger-knows-only-money-and-errors", "ledger", ["money", "errors"]),
  tier("platform-knows-no-business", "platform", ["money", "errors"]),
  tier("identity-stands-on-platform", "identity", ["platform", "money", "errors"]),
  rule(
    "integrations-stand-below-products",
    "An integration imports money, errors, ledger, platform and identity: never a product, the wiring or a process.",
    { path: "^src/integrations/" },
    { path: `^src/products/|${WIRING}|${PROCESSES}|^(activities|migrations)/` },
  ),
  rule(
    "products-stand-below-the-wiring",
    "A product imports everything below it: never the wiring or a process.",
    { path: "^src/products/" },
    { path: `${WIRING}|${PROCESSES}|^(activities|migrations)/` },
  ),
  rule(
    "wiring-stands-below-the-processes",
    "app, context and config are used by api, worker and cli, not the other way round.",
    { path: WIRING },
    { path: PROCESSES },
  ),
  rule(
    "processes-stand-apart",
    "api, worker and cli never import each other.",
    { path: "^src/(api|worker|facilitator)\\.ts$" },
    { path: "^src/cli/" },
  ),
  rule(
    "cli-starts-no-server",
    "A command never imports a process.",
    { path: "^src/cli/" },
    { path: "^src/(api|worker|facilitator)\\.ts$" },
  ),
];

const rooms = [
  rule(
    "no-product-imports-another",
    "What two products share is the ledger, the identity or an integration.",
    { path: "^src/products/([^/]+)/" },
    { path: "^src/products/[^/]+/", pathNot: "^src/products/$1/" },
  ),
  rule(
    "no-integration-imports-another",
    "An integration knows one outside party.",
    { path: "^src/integrations/([^/]+)/" },
    { path: "^src/integrations/[^/]+/", pathNot: "^src/integrations/$1/" },
  ),
  rule(
    "postings-are-pure",
    "A posting is a pure function from a business event to an entry draft: no store, no database, no package.",
    { path: "^src/ledger/postings/" },
    { path: ".", pathNot: "^src/(money/|errors\\.ts|ledger/(postings/|entry\\.ts|chart-of-accounts\\.ts))" },
  ),
  rule(
    "app-alone-mounts-rooms",
    "The whole HTTP surface is on one screen: only app.ts imports a room's routes.ts.",
    { path: PRODUCTION, pathNot: "^src/app\\.ts$" },
    { path: "^src/(products|integrations)/[^/]+/routes\\.ts$" },
  ),
  rule(
    "routes-hold-no-sql",
    "A route parses, calls one domain function and replies: it reaches no store, pool or query builder.",
    { path: "^src/.*/routes/[^/]+\\.ts$" },
    { path: `-store\\.ts$|^src/platform/database/|${npm("pg", "knex")}`, dependencyTypesNot: ["type-only"] },
  ),
];

const halves = [
  rule(
    "production-imports-no-scaffolding",
    "What ships never imports the sandbox, the tests or the benchmarks.",
    { path: PRODUCTION },
    { path: SCAFFOLDING },
  ),
  rule(
    "src-knows-only-workflow-contracts",
    "src imports workflows/contracts.ts and nothing else from the outer halves, except worker.ts (and cli, which runs migrations).",
    { path: "^src/", pathNot: "^src/(worker\\.ts|cli/)" },
    { path: OUTER, pathNot: "^workflows/contracts\\.ts$" },
  ),
  rule(
    "cli-knows-only-contracts-and-migrations",
    "A command may name workflows and run migrations.",
    { path: "^src/cli/" },
    { path: OUTER, pathNot: "^(workflows/contracts\\.ts|migrations/index\\.ts)$" },
  ),
  rule(
    "workflows-run-alone",
    "At run time a workflow imports @temporalio/workflow (and common, for search attribute keys) and other workflows; the rest only as types.",
    { path: "^workflows/" },
    {
      path: ".",
      pathNot: `^workflows/|${npm("@temporalio/workflow", "@temporalio/common")}`,
      dependencyTypesNot: ["type-only"],
    },
  ),
  rule(
    "activities-know-contracts-only",
    "An activity imports domain functions and workflows/contracts.ts: no workflow, no route, no process.",
    { path: "^activities/" },
    { path: `^workflows/|^src/app\\.ts$|/routes(/|\\.ts$)|${PROCESSES}`, pathNot: "^workflows/contracts\\.ts$" },
  ),
  rule(
    "migrations-are-only-sql",
    "A migration is SQL and its reason: it imports nothing that may change later.",
    { path: "^migrations/" },
    { path: ".", pathNot: "^migrations/" },
  ),
];

/** Each outside party: its packages, and the only folders that may name them. */
const parties = [
  ["aws", "^src/integrations/aws/", ["@aws-sdk", "@aws-crypto", "@smithy"]],
  ["chains", "^src/integrations/(chains|x402)/", ["ethers", "viem", "@solana", "@x402"]],
  ["stripe", "^src/integrations/stripe/", ["stripe"]],
  ["google", "^src/integrations/google/", ["googleapis", "google-auth-library", "@google"]],
  ["llm", "^src/integrations/llm/", ["openai", "@anthropic-ai"]],
  ["notifications", "^src/integrations/notifications/", ["standardwebhooks", "nodemailer"]],
  ["jose", "^src/integrations/x402/", ["jose"]],
];

const packages = [
  ...parties.map(([name, folder, names]) =>
    rule(
      `sdk-stays-in-${name}`,
      `${names.join(", ")}: only ${folder} imports it.`,
      { path: PRODUCTION, pathNot: folder },
      { path: npm(...names) },
    ),
  ),
  rule(
    "sql-stays-in-stores",
    "pg and knex run in the ledger, the platform and *-store.ts; elsewhere a connection is only passed on, as a type.",
    { path: PRODUCTION, pathNot: "^src/(ledger|platform)/|-store\\.ts$" },
    { path: npm("pg", "knex", "pg-[a-z-]+"), dependencyTypesNot: ["type-only"] },
  ),
  rule(
    "domain-knows-no-express",
    "Express stays in platform/http, app.ts and api.ts.",
    { path: PRODUCTION, pathNot: "^src/(platform/http/|app\\.ts$|api\\.ts$)" },
    { path: npm("express", "helmet", "cors", "@types/express") },
  ),
  rule(
    "domain-knows-no-temporal",
    "Temporal's packages stay in platform/temporal, the processes, workflows/ and activities/.",
    { path: "^src/", pathNot: "^src/(platform/temporal/|worker\\.ts$|context\\.ts$|cli/)" },
    { path: npm("@temporalio") },
  ),
  rule(
    "no-development-package",
    "What ships imports no development package.",
    { path: PRODUCTION },
    { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
  ),
  rule(
    "no-undeclared-package",
    "Every package is named in package.json.",
    {},
    { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  ),
  rule("no-unresolvable", "Every import resolves.", {}, { couldNotResolve: true }),
];

const whole = [
  rule("no-cycles", "No file imports itself by a detour.", {}, { circular: true }),
  rule(
    "api-never-loads-a-key",
    "The API process never loads a private key: nothing it imports, however far, is a key holder. Take the port as a type.",
    { path: "^src/api\\.ts$" },
    { path: KEY_HOLDERS, reachable: true },
  ),
  rule(
    "api-never-reaches-activities",
    "Side effects of workflows run in the worker only.",
    { path: "^src/api\\.ts$" },
    { path: "^activities/", reachable: true },
  ),
];

module.exports = {
  forbidden: [...tiers, ...rooms, ...halves, ...packages, ...whole],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.tollkeeper|dist|coverage)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: "specify",
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
