import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

let test: TestDatabase;
let database: Knex;
beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 3, name: "pool-test" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

const one = async (sql: string) => (await database.raw<{ rows: Record<string, unknown>[] }>(sql)).rows[0];

describe("a pool", () => {
  it("reads money as text, so that no digit is lost on the way", async () => {
    expect(await one("SELECT 9223372036854775807::bigint AS whole, 0.1234567890123456789::numeric AS part")).toEqual({
      whole: "9223372036854775807",
      part: "0.1234567890123456789",
    });
  });

  it("is known to the database by its name", async () => {
    expect(await one("SELECT current_setting('application_name') AS name")).toEqual({ name: "pool-test" });
  });

  it("lets no statement run for longer than half a minute", async () => {
    expect(await one("SHOW statement_timeout")).toEqual({ statement_timeout: "30s" });
  });

  it("opens no more connections than it may; who comes later waits for a free one", async () => {
    const query = () => database.raw<{ rows: { pid: number }[] }>("SELECT pg_backend_pid() AS pid, pg_sleep(0.05)");
    const pids = (await Promise.all(Array.from({ length: 9 }, query))).map(({ rows }) => rows[0]?.pid);
    expect(pids).toHaveLength(9);
    expect(new Set(pids).size).toBeLessThanOrEqual(3);
  });

  it("goes on after the database ended its connections, and prints nothing by itself", async () => {
    const printed = [vi.spyOn(console, "log"), vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
    const single = openDatabase(test.applicationUrl, { maxConnections: 1, name: "pool-cut" });
    const { rows } = await single.raw<{ rows: { pid: number }[] }>("SELECT pg_backend_pid() AS pid");
    await database.raw("SELECT pg_terminate_backend(?)", [rows[0]?.pid ?? 0]);
    await expect.poll(() => single.raw("SELECT 1 AS n").then((r) => r.rows, String)).toEqual([{ n: 1 }]);
    await single.destroy();
    expect(printed.map((spy) => spy.mock.calls)).toEqual([[], [], []]);
    vi.restoreAllMocks();
  });

  it("throws what a query did wrong with the database's own code, to the caller", async () => {
    await expect(database.raw("SELECT * FROM no_such_table")).rejects.toMatchObject({ code: "42P01" });
  });
});
