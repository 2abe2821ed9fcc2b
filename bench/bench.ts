import { Command } from "commander";
import { printResult, toJson } from "./ledger/report.ts";
import { runLedgerBench } from "./ledger/run.ts";
import { printPurchasesResult, runPurchasesBench } from "./purchases/run.ts";

// npm run bench -- ledger | purchases [--json] [--quick]. Minutes long, on a PostgreSQL of its own with every commit durable.
const program = new Command("bench");

program
  .command("ledger")
  .description(
    "The machine's limits, a naive ledger and ours, by call and over HTTP, empty and with 1,000,000 entries.",
  )
  .option("--json", "print one JSON document")
  .option("--quick", "fewer and shorter slices, 50,000 entries: to see that it runs, not to quote")
  .action(async (options: { readonly json?: boolean; readonly quick?: boolean }) => {
    const size =
      options.quick === true
        ? { rounds: 3, seconds: 0.4, entries: 50_000 }
        : { rounds: 7, seconds: 0.6, entries: 1_000_000 };
    const progress = (line: string) => void process.stderr.write(`bench: ${line}\n`);
    const result = await runLedgerBench({ ...size, progress });
    console.log(options.json === true ? JSON.stringify(toJson(result), null, 2) : printResult(result));
    if (!result.sound) process.exitCode = 1;
  });

program
  .command("purchases")
  .description("What a pass of the chain's watcher costs, from 10 to 100,000 quiet deposit addresses.")
  .option("--json", "print one JSON document")
  .option("--quick", "fewer addresses and passes: to see that it runs, not to quote")
  .action(async (options: { readonly json?: boolean; readonly quick?: boolean }) => {
    const size =
      options.quick === true
        ? { addresses: [10, 1_000], passes: 5 }
        : { addresses: [10, 100, 1_000, 10_000, 100_000], passes: 30 };
    const progress = (line: string) => void process.stderr.write(`bench: ${line}\n`);
    const result = await runPurchasesBench({ ...size, progress });
    console.log(options.json === true ? JSON.stringify(result, null, 2) : printPurchasesResult(result));
  });

await program.parseAsync();
