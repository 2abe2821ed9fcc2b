import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { type PostgresPart, startPostgres } from "../../../sandbox/parts/postgres.ts";
import { canTraverse, databaseUser, reachableDirectory } from "../../../sandbox/parts/reachable-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-postgres-"));
chmodSync(folder, 0o755);
const dataDirectory = join(folder, "data");
afterAll(() => {
  rmSync(reachableDirectory(dataDirectory, databaseUser()), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<PostgresPart> {
  return startPostgres({
    runDirectory: folder,
    dataDirectory,
    port: await freePort(),
    durable: true,
    embeddedOnly: true,
  });
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

it("keeps its data, and starts again after a kill -9 that left its lock file behind", async () => {
  const first = await start();
  await query(first.ownerUrl, "CREATE TABLE kept (n int)");
  await query(first.ownerUrl, "INSERT INTO kept VALUES (42)");
  const lock = join(reachableDirectory(dataDirectory, databaseUser()), "cluster", "postmaster.pid");
  process.kill(Number(readFileSync(lock, "utf8").split("\n")[0]), "SIGKILL");
  await first.died;
  const second = await start();
  expect(await query(second.ownerUrl, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
  await second.stop();
});

it("sorts and compares text by its bytes, whatever the system's locale", async () => {
  const part = await start();
  const rows = await query(
    part.ownerUrl,
    "SELECT datcollate, pg_encoding_to_char(encoding) AS encoding FROM pg_database",
  );
  expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"datcollate":"C","encoding":"UTF8"}']));
  await part.stop();
});

it("lets nobody in without a password", async () => {
  const part = await start();
  const url = new URL(part.applicationUrl);
  url.password = "guess";
  await expect(query(url.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
  await part.stop();
});

it("moves its data where another user can reach it when a parent folder is closed", () => {
  const stranger = { uid: 65_533, gid: 65_533 };
  const closed = join(folder, "closed");
  mkdirSync(closed, { mode: 0o700 });
  expect(canTraverse(folder, stranger)).toBe(true);
  expect(canTraverse(join(closed, "clone", "data"), stranger)).toBe(false);
  expect(reachableDirectory(join(closed, "data"), stranger)).toMatch(/^\/var\/lib\/tollkeeper\/[0-9a-f]{16}$/);
  expect(reachableDirectory(join(closed, "data"), undefined)).toBe(join(closed, "data"));
});
