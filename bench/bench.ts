import { Command } from "commander";
import { accessToJson, printAccessResult } from "./access/report.ts";
import { runAccessBench } from "./access/run.ts";
import { runBench } from "./bench-run.ts";
import { printResult, toJson } from "./ledger/report.ts";
import { runLedgerBench } from "./ledger/run.ts";
import { printPurchasesResult, purchasesToJson } from "./purchases/report.ts";
import { runPurchasesBench } from "./purchases/run.ts";

// npm run bench -- ledger | purchases | access [--json] [--quick]. Minutes long, on servers of its own with every commit durable.
const program = new Command("bench");

type Flags = { readonly json?: boolean; readonly quick?: boolean };

program
  .command("ledger")
  .description(
    "The machine's limits, a naive ledger and ours, by call and over HTTP, empty and with 1,000,000 entries.",
  )
  .option("--json", "print one JSON document")
  .option("--quick", "fewer and shorter slices, 50,000 entries: to see that it runs, not to quote")
  .action(async (flags: Flags) => {
    const size =
      flags.quick === true
        ? { rounds: 3, seconds: 0.4, entries: 50_000 }
        : { rounds: 7, seconds: 0.6, entries: 1_000_000 };
    await runBench(async (run) => {
      const result = await runLedgerBench(run, size);
      console.log(flags.json === true ? JSON.stringify(toJson(result), null, 2) : printResult(result));
      if (!result.sound) process.exitCode = 1;
    });
  });

program
  .command("purchases")
  .description(
    "Whole purchases a second, their history in Temporal, sleeping purchases, and the chain's watcher from 10 to 100,000 quiet addresses.",
  )
  .option("--json", "print one JSON document")
  .option("--quick", "fewer of everything: to see that it runs, not to quote")
  .action(async (flags: Flags) => {
    await runBench(async (run) => {
      const result = await runPurchasesBench(run, flags.quick === true ? QUICK : FULL);
      console.log(
        flags.json === true ? JSON.stringify(purchasesToJson(result), null, 2) : printPurchasesResult(result),
      );
    });
  });

program
  .command("access")
  .description(
    "What we add to a paid request, offers a second, and live sessions: their memory, their end on time, events to every socket.",
  )
  .option("--json", "print one JSON document")
  .option("--quick", "fewer of everything: to see that it runs, not to quote")
  .action(async (flags: Flags) => {
    await runBench(async (run) => {
      const result = await runAccessBench(run, flags.quick === true ? QUICK_ACCESS : FULL_ACCESS);
      console.log(flags.json === true ? JSON.stringify(accessToJson(result), null, 2) : printAccessResult(result));
    });
  });

const QUICK_ACCESS = {
  paid: { pairs: 30, warmUp: 30 },
  unpaid: { rounds: 2, seconds: 1 },
  sessions: { sessions: 200, spreadMs: 5_000, broadcasts: 3 },
} as const;

const FULL_ACCESS = {
  paid: { pairs: 300, warmUp: 60 },
  unpaid: { rounds: 5, seconds: 3 },
  sessions: { sessions: 1_000, spreadMs: 10_000, broadcasts: 10 },
} as const;

const QUICK = {
  watcher: { addresses: [10, 1_000], passes: 5, naiveUpTo: 10 },
  throughput: { rounds: 2, purchases: 24, inFlight: 16 },
  sampled: 3,
  sleepers: { sleepers: 200, wakings: 3 },
} as const;

const FULL = {
  watcher: { addresses: [10, 100, 1_000, 10_000, 100_000], passes: 30, naiveUpTo: 1_000 },
  throughput: { rounds: 5, purchases: 192, inFlight: 64 },
  sampled: 20,
  sleepers: { sleepers: 1_000, wakings: 5 },
} as const;

await program.parseAsync();
