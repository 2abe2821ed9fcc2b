import { Command } from "commander";
import type { Knex } from "knex";
import { readDatabaseConfig } from "../config.ts";
import { listLatestReconciliations } from "../integrations/chains/reconciliation/reconciliation-store.ts";
import { explainEntry } from "../ledger/explain.ts";
import { readTrialBalance, sealLedger, verifyLedger } from "../ledger/reconcile.ts";
import { openDatabase } from "../platform/database/pool.ts";
import { describeFailure } from "./command-failure.ts";
import { type Report, reportExplanation, reportTrialBalance, reportVerification } from "./ledger-report.ts";
import { reportReconciliations } from "./reconciliation-report.ts";
import { readSandboxWorld } from "./sandbox-world.ts";

type Options = { readonly json?: boolean; readonly sandbox?: boolean };

// npm run ledger -- verify | balance | explain ENTRY | chains. Reads as the application's login; the only thing it writes is seals.
const program = new Command("ledger")
  .description("Look into the books and check them.")
  .option("--json", "print one JSON document instead of tables")
  .option("--sandbox", "read the books of the world npm start runs, instead of DATABASE_URL");

program
  .command("verify")
  .description("Recompute every balance and check every seal; exits with 1 on any difference.")
  .action(() => run(verify));
program
  .command("balance")
  .description("The trial balance: debits, credits and balance of every account.")
  .action(() => run(async (database) => reportTrialBalance(await readTrialBalance(database))));
program
  .command("explain")
  .argument("<entry>", "an entry id such as je_1025, or the idempotency key it was posted under")
  .description("Everything known about one entry.")
  .action((entry: string) => run(async (database) => reportExplanation(await explainEntry(database, entry))));

program
  .command("chains")
  .description("The latest comparison of each chain and token with the books; exits with 1 where they differ.")
  .action(() => run(chains));

async function chains(database: Knex): Promise<Report> {
  const runs = await listLatestReconciliations(database);
  if (runs.some(({ status }) => status === "drift")) process.exitCode = 1;
  return reportReconciliations(runs);
}

async function verify(database: Knex): Promise<Report> {
  const found = await verifyLedger(database);
  if (!found.sound) process.exitCode = 1;
  return reportVerification(found, found.sound ? await sealLedger(database) : 0);
}

async function run(work: (database: Knex) => Promise<Report>): Promise<void> {
  const options = program.opts<Options>();
  const database = openDatabase(databaseUrl(options), { maxConnections: 1, name: "tollkeeper-ledger-cli" });
  try {
    const report = await work(database);
    console.log(options.json === true ? JSON.stringify(report.json, null, 2) : report.text);
  } finally {
    await database.destroy();
  }
}

function databaseUrl({ sandbox }: Options): string {
  return sandbox === true ? readSandboxWorld().postgres : readDatabaseConfig().DATABASE_URL;
}

try {
  await program.parseAsync();
} catch (error) {
  const { text, exitCode } = describeFailure(error);
  console.error(text);
  process.exitCode = exitCode;
}
