import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { readDatabaseConfig } from "../config.ts";
import { openDatabase } from "../platform/database/pool.ts";
import type { CatalogueChange } from "../products/purchases/offer-catalogue.ts";
import { applyCatalogue } from "../products/purchases/offer-catalogue.ts";
import type { CatalogueProblem, CheckedCatalogue } from "../products/purchases/offer-check.ts";
import { checkCatalogue } from "../products/purchases/offer-check.ts";
import { BUILT_IN_CATALOGUE, Catalogue } from "../products/purchases/offers.ts";
import { describeFailure } from "./command-failure.ts";
import { readSandboxWorld } from "./sandbox-world.ts";
import { drawTable } from "./table.ts";

type Options = { readonly json?: boolean; readonly sandbox?: boolean };

// npm run offers -- check | apply [file]. Without a file it is the built-in catalogue, which a starting server keeps up to date itself.
const program = new Command("offers")
  .description("What is for sale, as data: check a catalogue, or sell what it says.")
  .option("--json", "print one JSON document instead of text")
  .option("--sandbox", "apply to the world npm start runs, instead of DATABASE_URL");

program
  .command("check")
  .argument("[file]", "a catalogue as JSON; the built-in one unless given")
  .option("--schema", "print the JSON Schema of a catalogue instead")
  .description("Say everything that is wrong with a catalogue, one line each; exits with 1 when anything is.")
  .action((file: string | undefined, options: { readonly schema?: boolean }) => {
    if (options.schema === true) console.log(JSON.stringify(z.toJSONSchema(Catalogue, { io: "input" }), null, 2));
    else tellCheck(check(file));
  });
program
  .command("apply")
  .argument("[file]", "a catalogue as JSON; the built-in one unless given")
  .description(
    "Sell what a catalogue says from now on. What was bought keeps its terms; offers it does not have are retired.",
  )
  .action(async (file: string | undefined) => {
    const checked = check(file);
    if (checked.catalogue === null) tellCheck(checked);
    else tellChanges(await apply(checked.catalogue, file === undefined ? "built-in" : "file"));
  });

function check(file: string | undefined): CheckedCatalogue {
  return checkCatalogue(readJson(file ?? BUILT_IN_CATALOGUE));
}

function readJson(file: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableFile(`${file}: ${isAbsent ? "there is no such file" : reason}; expected a JSON file`);
  }
}

class UnreadableFile extends Error {}

async function apply(catalogue: Catalogue, source: "built-in" | "file"): Promise<readonly CatalogueChange[]> {
  const database = openDatabase(databaseUrl(), { maxConnections: 1, name: "tollkeeper-offers-cli" });
  try {
    return await applyCatalogue({ database }, { catalogue, source });
  } finally {
    await database.destroy();
  }
}

function databaseUrl(): string {
  return program.opts<Options>().sandbox === true ? readSandboxWorld().postgres : readDatabaseConfig().DATABASE_URL;
}

function tellCheck({ catalogue, problems }: CheckedCatalogue): void {
  if (problems.length > 0) process.exitCode = 1;
  if (program.opts<Options>().json === true)
    console.log(JSON.stringify({ ok: problems.length === 0, problems }, null, 2));
  else if (catalogue === null) console.error(problems.map(describeProblem).join("\n"));
  else console.log(`Nothing is wrong: ${catalogue.offers.length} offer(s) in ${catalogue.lists.length} list(s).`);
}

function describeProblem({ path, problem, expected }: CatalogueProblem): string {
  return `${path} ${problem}; expected ${expected}`;
}

function tellChanges(changes: readonly CatalogueChange[]): void {
  if (program.opts<Options>().json === true) {
    console.log(JSON.stringify({ changes }, null, 2));
    return;
  }
  const rows = changes.map(({ what, id, change, members }) => [what, id, change, members.join(", ")]);
  console.log(drawTable(["", "id", "change", "members"], rows));
}

try {
  await program.parseAsync();
} catch (error) {
  const { text, exitCode } = describeFailure(error);
  console.error(error instanceof UnreadableFile ? error.message : text);
  process.exitCode = exitCode;
}
