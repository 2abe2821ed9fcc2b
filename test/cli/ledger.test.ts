import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { reverseEntry } from "../../src/ledger/reverse-entry.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "../ledger/ledger-world.ts";

let world: LedgerWorld;
let account: AccountName;
let entryId: string;
beforeAll(async () => {
  world = await startLedgerWorld();
  account = await fundedAccount(world, { dollars: "10" });
  const draft = {
    ...charge(account, "cli-1", 2_500_000_000n),
    description: "twenty-five gigabytes",
    usage: { quantity: "25", unit: "GB" },
  };
  entryId = (await world.ledger.post(draft)).entryId;
});
afterAll(() => world.close());

/** Runs the command as an operator would, on this database. */
async function ledger(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const environment = { ...process.env, DATABASE_URL: world.test.applicationUrl, SECRETS_DIR: "/nonexistent" };
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "src/cli/ledger.ts", ...args], {
    env: environment,
  });
  return run.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

describe("npm run ledger", () => {
  it("balance: shows every account and ends with two equal sums", async () => {
    const { code, output } = await ledger("balance");
    expect([code, output]).toEqual([0, expect.stringContaining(account)]);
    const { output: json } = await ledger("--json", "balance");
    expect(JSON.parse(json)).toMatchObject({ debits: "12.5", credits: "12.5" });
  });

  it("explain: tells an entry by its id and by its key, with its usage and its reversal", async () => {
    const reversal = await reverseEntry(world, { entryId, reason: "shown" });
    const byId = await ledger("explain", entryId);
    for (const text of [
      "usage_metered",
      "twenty-five gigabytes",
      "25.000000000 GB",
      "revenue/purchases",
      reversal.entryId,
    ]) {
      expect(byId.output).toContain(text);
    }
    expect((await ledger("explain", "cli-1")).output).toBe(byId.output);
    expect(await ledger("explain", "je_5")).toEqual({ code: 1, output: "This entry does not exist.\n" });
  });

  it("verify: succeeds on sound books and exits with 1, naming the account, on drift", async () => {
    expect(await ledger("verify")).toMatchObject({ code: 0, output: expect.stringContaining("The books are sound") });
    await world.owner.raw(
      "ALTER TABLE balances DISABLE TRIGGER USER; UPDATE balances SET balance = balance + 1; ALTER TABLE balances ENABLE TRIGGER USER",
    );
    const found = await ledger("verify");
    expect(found).toMatchObject({ code: 1, output: expect.stringContaining(account) });
    expect(JSON.parse((await ledger("verify", "--json")).output)).toMatchObject({
      sound: false,
      driftTotal: "0.000000001",
    });
  });
});
