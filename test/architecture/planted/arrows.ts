import type { Files } from "./tree.ts";

/** A file that breaks one arrow, and the import that breaks it. */
export type PlantedArrow = { readonly rule: string; readonly file: string; readonly imports: string };

const arrow = (rule: string, file: string, imports: string): PlantedArrow => ({ rule, file, imports });

/** At least one violation of every rule in import-rules.cjs. */
export const plantedArrows: readonly PlantedArrow[] = [
  arrow("errors-stand-alone", "src/errors.ts", "./platform/clock.ts"),
  arrow("money-knows-only-errors", "src/money/planted.ts", "../ledger/holds.ts"),
  arrow("ledger-knows-only-money-and-errors", "src/ledger/planted.ts", "../platform/clock.ts"),
  arrow("platform-knows-no-business", "src/platform/planted.ts", "../ledger/holds.ts"),
  arrow("identity-stands-on-platform", "src/identity/planted.ts", "../ledger/holds.ts"),
  arrow(
    "integrations-stand-below-products",
    "src/integrations/stripe/planted.ts",
    "../../products/credits/accounts.ts",
  ),
  arrow("products-stand-below-the-wiring", "src/products/credits/planted.ts", "../../config.ts"),
  arrow("wiring-stands-below-the-processes", "src/context.ts", "./worker.ts"),
  arrow("processes-stand-apart", "src/worker.ts", "./cli/migrate.ts"),
  arrow("cli-starts-no-server", "src/cli/planted.ts", "../worker.ts"),
  arrow("no-product-imports-another", "src/products/credits/planted-neighbour.ts", "../gateway/rates.ts"),
  arrow("no-integration-imports-another", "src/integrations/stripe/planted-neighbour.ts", "../lago/usage-forwarder.ts"),
  arrow("postings-are-pure", "src/ledger/postings/planted.ts", "../holds.ts"),
  arrow("app-alone-mounts-rooms", "src/cli/planted-mount.ts", "../products/credits/routes.ts"),
  arrow("routes-hold-no-sql", "src/products/credits/routes/planted.ts", "../account-store.ts"),
  arrow("production-imports-no-scaffolding", "src/platform/planted-scaffold.ts", "../../sandbox/parts.ts"),
  arrow("src-knows-only-workflow-contracts", "src/products/credits/planted-workflow.ts", "../../../workflows/trial.ts"),
  arrow("cli-knows-only-contracts-and-migrations", "src/cli/planted-workflow.ts", "../../workflows/trial.ts"),
  arrow("workflows-run-alone", "workflows/planted-node.ts", "node:fs"),
  arrow("workflows-run-alone", "workflows/planted-domain.ts", "../src/ledger/holds.ts"),
  arrow("activities-know-contracts-only", "activities/planted.ts", "../workflows/trial.ts"),
  arrow("migrations-are-only-sql", "migrations/0009-planted.ts", "../src/ledger/holds.ts"),
  arrow("sdk-stays-in-aws", "src/products/credits/planted-aws.ts", "@aws-sdk/client-s3"),
  arrow("sdk-stays-in-chains", "src/products/credits/planted-chain.ts", "ethers"),
  arrow("sdk-stays-in-stripe", "src/products/credits/planted-stripe.ts", "stripe"),
  arrow("sdk-stays-in-google", "src/products/credits/planted-google.ts", "googleapis"),
  arrow("sdk-stays-in-llm", "src/products/credits/planted-llm.ts", "openai"),
  arrow("sdk-stays-in-notifications", "src/products/credits/planted-webhook.ts", "standardwebhooks"),
  arrow("sdk-stays-in-jose", "src/products/credits/planted-token.ts", "jose"),
  arrow("sql-stays-in-stores", "src/products/credits/planted-sql.ts", "pg"),
  arrow("domain-knows-no-express", "src/products/credits/planted-express.ts", "express"),
  arrow("domain-knows-no-temporal", "src/products/credits/planted-temporal.ts", "@temporalio/client"),
  arrow("no-development-package", "src/platform/planted-development.ts", "vitest"),
  arrow("no-undeclared-package", "src/platform/planted-undeclared.ts", "acorn"),
  arrow("no-unresolvable", "src/platform/planted-nowhere.ts", "./nowhere.ts"),
  arrow("no-cycles", "src/platform/planted-cycle.ts", "./planted-detour.ts"),
  arrow("api-never-loads-a-key", "src/api.ts", "./app.ts"),
  arrow("api-never-reaches-activities", "src/api.ts", "./app.ts"),
];

const plain = "/** A value. */\nexport const value = 1;\n";
const using = (imports: string) =>
  `import * as used from "${imports}";\n\n/** A value. */\nexport const value = () => used;\n`;

/** What the planted arrows point at, and innocent imports that must stay unreported. */
export const arrowTargets: Files = {
  ...Object.fromEntries(
    [
      ..."ledger/holds platform/clock identity/principal integrations/lago/usage-forwarder config".split(" "),
      ..."products/credits/accounts products/credits/account-store products/credits/routes products/gateway/rates".split(
        " ",
      ),
      ..."cli/migrate integrations/chains/evm/keystore".split(" "),
    ].map((path) => [`src/${path}.ts`, plain]),
  ),
  "activities/credits.ts": using("../src/integrations/chains/evm/keystore.ts"),
  "src/app.ts": using("../activities/credits.ts"),
  "workflows/trial.ts": plain,
  "workflows/contracts.ts": plain,
  "sandbox/parts.ts": plain,
  "src/platform/planted-detour.ts": using("./planted-cycle.ts"),
  "src/ledger/innocent.ts": using("../money/innocent.ts"),
  "src/money/innocent.ts": plain,
  "src/products/credits/innocent.ts": using("../../../workflows/contracts.ts"),
  "src/products/credits/innocent-store.ts": using("pg"),
  "workflows/innocent.ts":
    'import type { value } from "../src/ledger/holds.ts";\nimport { sleep } from "@temporalio/workflow";\n\n/** A value. */\nexport const wait = (time: typeof value) => sleep(time);\n',
};

/** The files that break an arrow, by path. */
export const arrowPlants: Files = Object.fromEntries(plantedArrows.map(({ file, imports }) => [file, using(imports)]));
