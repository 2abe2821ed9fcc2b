import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../sandbox/parts/ports.ts";
import { failureCode, openLaneConnection } from "../../src/ledger/lane-connection.ts";
import type { Statement } from "../../src/ledger/ledger-store.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const open = (name: string, databaseUrl = test.applicationUrl, patienceMilliseconds = 5_000) =>
  openLaneConnection({ databaseUrl, name, patienceMilliseconds });
const statement = (text: string, ...values: string[]): Statement => ({ name: text, text, values });
const PID = statement("SELECT pg_backend_pid() AS pid");

describe("a lane's connection", () => {
  it("runs statements one after another on the one connection it opened", async () => {
    const connection = open("one-lane");
    const pids = await Promise.all(Array.from({ length: 5 }, () => connection.query<{ pid: number }>(PID)));
    expect(new Set(pids.map(([row]) => row?.pid)).size).toBe(1);
    await connection.close();
  });

  it("is known to the database by its name, for whoever looks at its sessions", async () => {
    const connection = open("named-lane");
    const rows = await connection.query(statement("SELECT current_setting('application_name') AS name"));
    expect(rows).toEqual([{ name: "named-lane" }]);
    await connection.close();
  });

  it("answers a refused statement with the database's own code and goes on with the next", async () => {
    const connection = open("refused-lane");
    const refused = connection.query(statement("SELECT 1 / 0"));
    const next = connection.query(statement("SELECT 7 AS n"));
    await expect(refused).rejects.toMatchObject({ code: "22012" });
    expect(await next).toEqual([{ n: 7 }]);
    await connection.close();
  });

  it("sends a statement again on a new connection when its own was ended under it", async () => {
    const connection = open("cut-lane");
    const holder = open("holding-lane");
    const [first] = await connection.query<{ pid: number }>(PID);
    const lock = "SELECT pg_backend_pid() AS pid, pg_advisory_lock(1)::text";
    await holder.query(statement(lock));
    const waiting = connection.query<{ pid: number }>(statement(lock));
    const isWaiting = statement("SELECT 1 FROM pg_locks WHERE pid = $1::int AND NOT granted", String(first?.pid));
    await expect.poll(() => holder.query(isWaiting)).toHaveLength(1);
    await cut(String(first?.pid));
    await holder.close();
    const [again] = await waiting;
    expect(again?.pid).not.toBe(first?.pid);
    await connection.close();
  });

  it("gives up after its patience with 503 ledger_unavailable, and names no password", async () => {
    const away = `postgres://app:hunter2@127.0.0.1:${await freePort()}/nowhere`;
    const connection = open("lost-lane", away, 200);
    const failure = await connection.query(PID).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ledger_unavailable", status: 503, members: { retry_after_seconds: 5 } });
    expect(String(failure)).not.toContain("hunter2");
    await connection.close();
  });

  it("does not try again what no new connection can change, such as a database that does not exist", async () => {
    const connection = open("wrong-lane", test.applicationUrl.replace(/[^/]+$/, "no_such_database"), 60_000);
    await expect(connection.query(PID)).rejects.toMatchObject({ code: "3D000" });
    await connection.close();
  });

  it("closes twice, and before it was ever opened", async () => {
    const connection = open("closed-lane");
    await connection.close();
    await connection.query(PID);
    await connection.close();
    await expect(connection.close()).resolves.toBeUndefined();
  });
});

/** Ends a session as its own role may. */
async function cut(pid: string): Promise<void> {
  const connection = open("terminating-lane");
  await connection.query(statement("SELECT pg_terminate_backend($1::int)", pid));
  await connection.close();
}

describe("the code of a failure", () => {
  it("is the database's or the system's, and empty for anything without one", () => {
    expect(failureCode(Object.assign(new Error("x"), { code: "23505" }))).toBe("23505");
    for (const other of [new Error("x"), { code: "23505" }, "23505", null, Object.assign(new Error("x"), { code: 7 })])
      expect(failureCode(other)).toBe("");
  });
});
