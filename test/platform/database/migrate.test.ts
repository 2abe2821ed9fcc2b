import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { migrations } from "../../../migrations/index.ts";
import { migrate } from "../../../src/platform/database/migrate.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { sharedPart } from "../../support/shared-parts.ts";

const Server = z.object({ adminUrl: z.string(), ownerUrl: z.string() });
const login = `login_${randomBytes(4).toString("hex")}`;
const opened: { readonly name: string; readonly owner: Knex }[] = [];
let server: z.infer<typeof Server>;
let admin: Knex;

beforeAll(async () => {
  server = await sharedPart("postgres", Server);
  admin = openDatabase(server.adminUrl, { maxConnections: 1, name: "migrate-test" });
  await admin.raw("CREATE ROLE ?? LOGIN PASSWORD 'test'", [login]);
});
afterAll(async () => {
  for (const { name, owner } of opened) {
    await owner.destroy();
    await admin.raw("DROP DATABASE ?? WITH (FORCE)", [name]);
  }
  await admin.raw("DROP ROLE ??", [login]);
  await admin.destroy();
});

/** A database with nothing in it. */
async function emptyDatabase(): Promise<Knex> {
  const name = `migrate_${randomBytes(6).toString("hex")}`;
  await admin.raw("CREATE DATABASE ?? TEMPLATE template0 OWNER tollkeeper_owner", [name]);
  const owner = openDatabase(server.ownerUrl.replace(/[^/]+$/, name), { maxConnections: 4, name: "migrate-test" });
  opened.push({ name, owner });
  return owner;
}

const step = (name: string, sql: string) => ({ name, sql });
const first = step("0001-first", "CREATE TABLE first (n int); GRANT SELECT ON first TO tollkeeper_app");
const second = step("0002-second", "CREATE TABLE second (n int)");
const run = (owner: Knex, ...steps: readonly { readonly name: string; readonly sql: string }[]) =>
  migrate(owner, { steps, applicationLogin: login });

describe("npm run migrate", () => {
  it("builds the whole schema in an empty database, and a second time finds nothing to do", async () => {
    const owner = await emptyDatabase();
    expect(await run(owner, ...migrations)).toEqual(migrations.map(({ name }) => name));
    expect(await run(owner, ...migrations)).toEqual([]);
    // Of every table there is, its page says what deletes from it, or why nothing does.
    const { rows } = await owner.raw<{ rows: readonly { readonly name: string }[] }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
    );
    const page = readFileSync(new URL("../../../docs/growing-tables.md", import.meta.url), "utf8");
    expect(rows.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it("runs only the steps that are new", async () => {
    const owner = await emptyDatabase();
    await run(owner, first);
    expect(await run(owner, first, second)).toEqual(["0002-second"]);
  });

  it("run twice at the same time runs each step once", async () => {
    const owner = await emptyDatabase();
    await run(owner);
    const both = await Promise.allSettled([run(owner, first, second), run(owner, first, second)]);
    const ran = both.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
    expect(ran).toEqual(["0001-first", "0002-second"]);
    expect(await run(owner, first, second)).toEqual([]);
  });

  it("leaves nothing of a step that fails, and keeps what ran before it", async () => {
    const owner = await emptyDatabase();
    const broken = step("0002-broken", "CREATE TABLE half (n int); SELECT 1 / 0");
    await expect(run(owner, first, broken)).rejects.toMatchObject({ code: "22012" });
    expect(await owner.schema.hasTable("half")).toBe(false);
    expect(await run(owner, first, second)).toContain("0002-second");
  });

  it("refuses a release that no longer knows a step the database has: there is no way back", async () => {
    const owner = await emptyDatabase();
    await run(owner, first, second);
    await expect(run(owner, first)).rejects.toThrow(/0002-second|missing|corrupt/);
  });

  it("lets the application's login use the schema, and own nothing of it", async () => {
    const owner = await emptyDatabase();
    await run(owner, first);
    const url = new URL(server.ownerUrl.replace(/[^/]+$/, opened.at(-1)?.name ?? ""));
    url.username = login;
    url.password = "test";
    const application = openDatabase(url.href, { maxConnections: 1, name: "migrate-login" });
    expect(await application("first")).toEqual([]);
    await expect(application.raw("DROP TABLE first")).rejects.toMatchObject({ code: "42501" });
    await expect(application.raw("INSERT INTO first VALUES (1)")).rejects.toMatchObject({ code: "42501" });
    await application.destroy();
  });
});
