import { rmSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrations } from "../../migrations/index.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { startPostgres } from "../../sandbox/parts/postgres.ts";
import { registerApiKey } from "../../src/identity/api-keys.ts";
import { type AccountName, accounts } from "../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { openAccount } from "../../src/ledger/open-account.ts";
import { depositConfirmed } from "../../src/ledger/postings/deposits.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import type { BenchRun } from "../bench-run.ts";

/** A durable PostgreSQL of the bench's own, migrated, with `accounts` funded purchases and a key for each. */
export type BenchWorld = {
  readonly applicationUrl: string;
  readonly ownerUrl: string;
  readonly adminUrl: string;
  readonly accounts: readonly AccountName[];
  readonly settings: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
};

/** Without these an answer would not be durable, and no figure would mean anything. */
const DURABLE = ["fsync", "synchronous_commit", "full_page_writes"];

/** The vendor key of the bench's n-th purchase; its database lives on loopback and is removed with the run. */
export function vendorKey(index: number): string {
  return `vbk_${"bench".padEnd(36, "0")}${String(index).padStart(7, "0")}`;
}

/** Starts the world, stopped with the run if not before. Throws where the server would acknowledge what is not on disk. */
export async function startBenchWorld(
  { folder, shutdown }: Pick<BenchRun, "folder" | "shutdown">,
  accountCount: number,
): Promise<BenchWorld> {
  const runDirectory = join(folder, "ledger");
  const dataDirectory = join(runDirectory, "postgres");
  const settings = { shared_buffers: `${bufferMegabytes()}MB`, max_wal_size: "8GB" };
  const options = { runDirectory, dataDirectory, port: await freePort(), durable: true, embeddedOnly: true, settings };
  const server = await startPostgres(options);
  const stop = async () => {
    await server.stop();
    rmSync(runDirectory, { recursive: true, force: true });
  };
  shutdown.add({ name: "postgres", stop });
  try {
    const owner = openDatabase(server.ownerUrl, { maxConnections: 2, name: "bench-owner" });
    await migrate(owner, { steps: migrations, applicationLogin: server.applicationLogin }).finally(() =>
      owner.destroy(),
    );
    const measured = await durableSettings(server.ownerUrl);
    const names = await openFundedPurchases(server, accountCount);
    const urls = { applicationUrl: server.applicationUrl, ownerUrl: server.ownerUrl, adminUrl: server.adminUrl ?? "" };
    return { ...urls, accounts: names, settings: measured, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A quarter of the memory, as servers are usually given, and at most 2 GB. */
function bufferMegabytes(): number {
  return Math.min(2048, Math.floor(totalmem() / 4 / 1_048_576));
}

async function durableSettings(url: string): Promise<Readonly<Record<string, string>>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      "SELECT name, setting FROM pg_settings WHERE name = ANY ($1) ORDER BY name",
      [[...DURABLE, "server_version", "wal_sync_method", "shared_buffers"]],
    );
    const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
    const unsafe = DURABLE.filter((name) => settings[name] !== "on");
    if (unsafe.length > 0)
      throw new Error(`The bench only measures durable commits; these are off: ${unsafe.join(", ")}`);
    return settings;
  });
}

/** Puts `count` active purchases with a balance nobody uses up into an empty database, past every checkout, and answers their accounts. */
export async function openFundedPurchases(
  { applicationUrl, ownerUrl }: Pick<BenchWorld, "applicationUrl" | "ownerUrl">,
  count: number,
): Promise<readonly AccountName[]> {
  const ids = Array.from({ length: count }, (_, index) => `pur_bench${index}`);
  await withClient(ownerUrl, (client) => client.query(PURCHASES, [ids]));
  const database = openDatabase(applicationUrl, { maxConnections: 4, name: "bench" });
  const ledger = openLedger({ databaseUrl: applicationUrl });
  try {
    const names = ids.map((id) => accounts.purchase(id));
    for (const [index, account] of names.entries()) {
      const thresholds = [
        { name: "low", level: nanodollars(5n) },
        { name: "critical", level: nanodollars(2n) },
      ];
      await openAccount(database, { account, wakeSubject: `purchase/${ids[index]}`, thresholds });
      await registerApiKey(database, { kind: "vendor", subject: ids[index] ?? "", key: vendorKey(index) });
    }
    const amount = nanodollars(1_000_000_000_000_000n);
    const deposits = names.map((account, logIndex) => ({
      chain: "base",
      token: "usdc",
      transactionId: "bench",
      logIndex,
      account,
      amount,
    }));
    await Promise.all(deposits.map((deposit) => ledger.post(depositConfirmed(deposit))));
    return names;
  } finally {
    await ledger.close();
    await database.destroy();
  }
}

const PURCHASES = `
WITH offer AS (
  INSERT INTO offers (id, sku, kind, checkout_flow_id, title, description, terms)
  VALUES ('bench', 'bench', 's3_bucket', 'bench', 'bench', 'bench',
    '{"prices":[{"unit":"GB","dollars":"0.000001","label":"per GB"}],"tokens":["USDC"],"minimum_deposit":"1","suggested_deposit":"1","maximum_deposit":"1"}')
  RETURNING id, kind, terms
), opened AS (
  INSERT INTO checkouts (id, session_hash, purchase_id, offer_id, chain, token, deposit_address_id, deposit_address, minimum_nanodollars, tracer, expires_at)
  SELECT 'chk_' || p, sha256(p::bytea), p, o.id, 'base', 'USDC', p, p, 1, p, now() FROM unnest($1::text[]) p, offer o
  RETURNING id, purchase_id
)
INSERT INTO purchases (id, checkout_id, offer_id, kind, title, status, terms, low_trigger_nanodollars, critical_trigger_nanodollars, termination_trigger_nanodollars)
SELECT c.purchase_id, c.id, o.id, o.kind, 'bench', 'active', o.terms, 3, 2, 1 FROM opened c, offer o`;

/** One connection for one piece of work. */
export async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
