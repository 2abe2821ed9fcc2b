import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { createTestDatabase } from "./database.ts";

const database = await createTestDatabase();
afterAll(() => database.drop());

it("gives the application a login that owns no table and cannot create one", async () => {
  const client = new pg.Client({ connectionString: database.applicationUrl });
  await client.connect();
  const owned = await client.query("SELECT count(*)::int AS count FROM pg_tables WHERE tableowner = current_user");
  expect(owned.rows).toEqual([{ count: 0 }]);
  await expect(client.query("CREATE TABLE mine (id int)")).rejects.toThrow(/permission denied for schema public/);
  await client.end();
});

it("keeps two test databases apart", async () => {
  const other = await createTestDatabase();
  const owner = new pg.Client({ connectionString: other.ownerUrl });
  await owner.connect();
  await owner.query("CREATE TABLE only_here (id int)");
  await owner.end();
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await expect(client.query("SELECT * FROM only_here")).rejects.toThrow(/does not exist/);
  await client.end();
  await other.drop();
});
