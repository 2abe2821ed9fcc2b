import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { verifyLedger } from "../../src/ledger/reconcile.ts";
import { charge, codes, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const program = fileURLToPath(new URL("posting-process.ts", import.meta.url));

/** Lets a process charge until it acknowledged `acknowledged` charges, then kills it with SIGKILL; answers the acknowledged numbers. */
async function killedWhilePosting(account: AccountName, tag: string, acknowledged: number): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", program, world.test.applicationUrl, account.split("/")[1] ?? "", tag],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split("\n").length > acknowledged) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  return output.split("\n").slice(0, -1);
}

describe("a process killed while it posts", () => {
  it("L06: leaves no half of anything, and what it acknowledged is there exactly once", async () => {
    for (const [round, acknowledged] of [1, 100, 1500].entries()) {
      const account = await fundedAccount(world, { dollars: "1" });
      const numbers = await killedWhilePosting(account, `l06-${round}`, acknowledged);
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
      const replays = await Promise.all(
        numbers.map((n) =>
          world.ledger.post({ ...charge(account, `l06-${round}-${n}`, 1n), usage: { quantity: "1", unit: "GB" } }),
        ),
      );
      expect(replays.every(({ replayed }) => replayed)).toBe(true);
      // One statement: the server may still be committing the dead process's last batch.
      const { rows } = await world.database.raw(
        `SELECT (SELECT count(*) FROM journal j WHERE j.debit_account = a.id)::int AS entries,
           (SELECT count(*) FROM usage_records u WHERE u.account_id = a.id)::int AS usage,
           (SELECT 1000000000 - b.balance FROM balances b WHERE b.account_id = a.id)::int AS spent
         FROM ledger_accounts a WHERE a.name = ?`,
        [account],
      );
      expect([rows[0].entries, rows[0].usage]).toEqual([rows[0].spent, rows[0].spent]);
      expect(rows[0].entries).toBeGreaterThanOrEqual(numbers.length);
    }
    expect(await verifyLedger(world.database)).toMatchObject({ sound: true });
  });
});

/** Ends every lane's connection from the server's side; answers how many there were. */
async function cutLanes(): Promise<number> {
  const { rows } = await world.database.raw(
    `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
     WHERE application_name LIKE 'ledger-lane-%' AND datname = current_database()`,
  );
  return rows[0].n;
}

describe("connections cut while posting", () => {
  it("A05: answers every caller, and charges each of them once", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const answers: string[] = [];
    let cuts = 0;
    for (let wave = 0; wave < 20; wave += 1) {
      const calls = Array.from({ length: 100 }, (_, n) => world.ledger.post(charge(account, `a05-${wave}-${n}`, 1n)));
      await new Promise((resolve) => setTimeout(resolve, wave / 4));
      cuts += await cutLanes();
      answers.push(...(await codes(calls)));
    }
    expect(cuts).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set(["ok"]));
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n - 2_000n);
  });

  it("says that the ledger cannot be reached, after its patience and not before", async () => {
    const nowhere = openLedger({ databaseUrl: "postgres://nobody:x@127.0.0.1:1/none", patienceMilliseconds: 200 });
    const account = await fundedAccount(world);
    const started = Date.now();
    await expect(nowhere.post(charge(account, "nowhere", 1n))).rejects.toMatchObject({
      code: "ledger_unavailable",
      status: 503,
    });
    expect(Date.now() - started).toBeLessThan(30_000);
    await nowhere.close();
  });

  it("does not wait for ever for an account somebody else keeps locked, and posts for others meanwhile", async () => {
    const [locked, free] = [await fundedAccount(world), await fundedAccount(world)];
    const transaction = await world.database.transaction();
    await world.ledger.postIn(transaction, charge(locked, "keeps", 1n));
    const waiting = world.ledger.post(charge(locked, "waits", 1n));
    const other = openLedger({ databaseUrl: world.test.applicationUrl });
    expect(await other.post(charge(free, "meanwhile", 1n))).toMatchObject({ replayed: false });
    await other.close();
    await transaction.commit();
    expect(await waiting).toMatchObject({ balanceAfter: 9_999_999_998n });
  });
});
