import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations } from "../../migrations/index.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { type PostgresPart, startPostgres } from "../../sandbox/parts/postgres.ts";
import { databaseUser, reachableDirectory } from "../../sandbox/parts/reachable-directory.ts";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { openAccount } from "../../src/ledger/open-account.ts";
import { verifyLedger } from "../../src/ledger/reconcile.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { charge, deposit } from "./ledger-world.ts";

const runDirectory = mkdtempSync(join(tmpdir(), "tollkeeper-crash-"));
const dataDirectory = join(runDirectory, "postgres");
const account = accounts.purchase("pur_crash");
let server: PostgresPart;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = await start();
  const owner = openDatabase(server.ownerUrl, { maxConnections: 1, name: "crash-owner" });
  await migrate(owner, { steps: migrations, applicationLogin: server.applicationLogin }).finally(() => owner.destroy());
});
afterAll(async () => {
  await server.stop();
  rmSync(reachableDirectory(dataDirectory, databaseUser()), { recursive: true, force: true });
  rmSync(runDirectory, { recursive: true, force: true });
});

/** A server of this file's own with every commit durable: the shared one cannot be killed. */
function start(): Promise<PostgresPart> {
  return startPostgres({ runDirectory, dataDirectory, port, durable: true, embeddedOnly: true });
}

async function killServer(): Promise<void> {
  const lock = join(reachableDirectory(dataDirectory, databaseUser()), "cluster", "postmaster.pid");
  process.kill(Number(readFileSync(lock, "utf8").split("\n")[0]), "SIGKILL");
  await server.died;
}

/** Charges one nanodollar at a time from 16 callers until told to stop; answers the keys that were acknowledged. */
function chargeSteadily(ledger: Ledger): { readonly acknowledged: string[]; readonly stop: () => Promise<void> } {
  const acknowledged: string[] = [];
  let stopping = false;
  const caller = async (name: number) => {
    for (let n = 0; !stopping; n += 1) {
      const key = `crash-${name}-${n}`;
      await ledger.post(charge(account, key, 1n));
      acknowledged.push(key);
    }
  };
  const callers = Promise.all(Array.from({ length: 16 }, (_, name) => caller(name)));
  const stop = async () => {
    stopping = true;
    await callers;
  };
  return { acknowledged, stop };
}

describe("PostgreSQL killed with SIGKILL under 16 writers", () => {
  it("keeps every charge it acknowledged, once, and the ledger goes on by itself when it is back", async () => {
    const database = openDatabase(server.applicationUrl, { maxConnections: 1, name: "crash" });
    await openAccount(database, { account });
    await database.destroy();
    const ledger = openLedger({ databaseUrl: server.applicationUrl, patienceMilliseconds: 60_000 });
    await ledger.post(deposit(account, "crash-deposit", parseDollars("1")));
    const charging = chargeSteadily(ledger);
    for (let kill = 0; kill < 2; kill += 1) {
      await pause(400);
      const before = charging.acknowledged.length;
      await killServer();
      server = await start();
      while (charging.acknowledged.length < before + 100) await pause(20);
    }
    await charging.stop();
    const replays = await Promise.all(charging.acknowledged.map((key) => ledger.post(charge(account, key, 1n))));
    expect(replays.every(({ replayed }) => replayed)).toBe(true);
    await ledger.close();
    const again = openDatabase(server.applicationUrl, { maxConnections: 1, name: "crash" });
    const { available } = await readBalance(again, account);
    expect(available).toBe(parseDollars("1") - BigInt(charging.acknowledged.length));
    expect(await verifyLedger(again).finally(() => again.destroy())).toMatchObject({ sound: true });
  });
});
