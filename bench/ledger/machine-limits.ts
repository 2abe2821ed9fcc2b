import { randomBytes } from "node:crypto";
import pg from "pg";
import { withClient } from "./world.ts";

/** The machine's own limits: what this server does with the plainest statements, without any ledger. */
export type MachineLimits = {
  /** One tiny row, one commit. */
  readonly insertOne: (caller: number) => Promise<unknown>;
  /** The very rows a metered charge writes, `size` of them in one statement on one of two connections: no lock, no check, no balance. */
  readonly insertBatch: (size: number, connection: number) => Promise<unknown>;
  /** One hot row, one commit. */
  readonly updateHot: (caller: number) => Promise<unknown>;
  /** Empties the tables above: they are a yardstick and must not crowd what is measured out of memory. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const TABLES = `
CREATE TABLE limit_one (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE limit_hot (id int PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO limit_hot VALUES (1, 0);
CREATE TABLE limit_journal (LIKE journal INCLUDING ALL);
CREATE TABLE limit_usage (LIKE usage_records INCLUDING ALL) PARTITION BY RANGE (occurred_at);
CREATE TABLE limit_usage_default PARTITION OF limit_usage DEFAULT;`;

const BATCH = {
  name: "limit_batch",
  text: `WITH used AS (
      INSERT INTO limit_usage (account_id, entry_id, occurred_at, amount, quantity, unit)
      SELECT d, $1::bigint + o, now(), a, q, 'GB' FROM unnest($2::bigint[], $4::bigint[], $7::numeric[]) WITH ORDINALITY e(d, a, q, o))
    INSERT INTO limit_journal (entry_id, leg, debit_account, credit_account, amount, created_at, ref, payload_hash, kind)
    SELECT $1::bigint + o, 0, d, c, a, now(), r, h, 1
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::uuid[]) WITH ORDINALITY e(d, c, a, r, h, o)`,
};

/** Connects 64 clients for single statements and two for batches. */
export async function openMachineLimits(ownerUrl: string, accountCount: number): Promise<MachineLimits> {
  await withClient(ownerUrl, (client) => client.query(TABLES));
  const clients = await Promise.all(Array.from({ length: 64 }, () => connect(ownerUrl)));
  const batchers = await Promise.all([connect(ownerUrl), connect(ownerUrl)]);
  let batches = 0;
  return {
    insertOne: (caller) =>
      pick(clients, caller).query({ name: "one", text: "INSERT INTO limit_one (amount) VALUES (1)" }),
    updateHot: (caller) =>
      pick(clients, caller).query({ name: "hot", text: "UPDATE limit_hot SET balance = balance - 1 WHERE id = 1" }),
    insertBatch: (size, connection) => {
      batches += 1;
      return pick(batchers, connection).query({ ...BATCH, values: batchOf(size, batches * 1024, accountCount) });
    },
    reset: async () => {
      await pick(batchers, 0).query("TRUNCATE limit_one, limit_journal, limit_usage");
    },
    close: async () => {
      await Promise.all([...clients, ...batchers].map((client) => client.end()));
    },
  };
}

function batchOf(size: number, base: number, accountCount: number): string[] {
  const random = randomBytes(size * 32).toString("hex");
  const of = (value: (n: number) => string | number) =>
    `{${Array.from({ length: size }, (_, n) => value(n)).join(",")}}`;
  return [
    String(base),
    of(() => 2 * Math.ceil(Math.random() * accountCount)),
    of(() => -3),
    of(() => 1000),
    of((n) => random.slice(n * 64, n * 64 + 32)),
    of((n) => random.slice(n * 64 + 32, n * 64 + 64)),
    of(() => "1.5"),
  ];
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function pick(clients: readonly pg.Client[], index: number): pg.Client {
  const client = clients[index % clients.length];
  if (client === undefined) throw new RangeError("no connection");
  return client;
}
