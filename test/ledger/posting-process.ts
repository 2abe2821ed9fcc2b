import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";

// A process that charges as fast as it can and writes the number of each acknowledged charge, until somebody kills it.
const [databaseUrl = "", purchaseId = "", tag = ""] = process.argv.slice(2);
const ledger = openLedger({ databaseUrl });
let next = 0;

async function caller(): Promise<void> {
  for (;;) {
    next += 1;
    const mine = next;
    await ledger.post({
      kind: "usage_metered",
      idempotencyKey: `${tag}-${mine}`,
      usage: { quantity: "1", unit: "GB" },
      postings: [
        { account: accounts.purchase(purchaseId), side: "debit", amount: nanodollars(1n) },
        { account: accounts.revenue("purchases"), side: "credit", amount: nanodollars(1n) },
      ],
    });
    process.stdout.write(`${mine}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, caller));
