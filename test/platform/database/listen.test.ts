import { afterAll, expect, it } from "vitest";
import { listenTo } from "../../../src/platform/database/listen.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase } from "../../support/database.ts";

const test = await createTestDatabase();
const database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "test" });
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

it("hears what is told from the first connection on, again after it was cut, and nothing once it is stopped", async () => {
  const heard: string[] = [];
  let connections = 0;
  const listener = listenTo(
    { databaseUrl: test.applicationUrl, logger: { warn: () => {} } },
    {
      channel: "test_news",
      onNotification: (payload) => void heard.push(payload),
      onConnected: () => {
        connections += 1;
      },
    },
  );
  await listener.first;
  const tell = (payload: string) => database.raw("SELECT pg_notify('test_news', ?)", [payload]);
  await tell("one");
  await expect.poll(() => heard).toEqual(["one"]);
  await database.raw(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tollkeeper-test_news' AND datname = current_database()",
  );
  await expect.poll(() => connections).toBe(2);
  await tell("two");
  await expect.poll(() => heard).toEqual(["one", "two"]);
  await listener.stop();
  await tell("three");
  expect(heard).toEqual(["one", "two"]);
});

it("does not keep anybody waiting for a database that is away", async () => {
  const warnings: unknown[] = [];
  const listener = listenTo(
    {
      databaseUrl: "postgres://nobody@127.0.0.1:9/nothing",
      logger: { warn: (line: unknown) => void warnings.push(line) },
    },
    { channel: "test_news", onNotification: () => {}, onConnected: () => {} },
  );
  await listener.first;
  expect(warnings).not.toEqual([]);
  await listener.stop();
});
