import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrayElements, arrayLiteral, textArrayLiteral } from "../../src/ledger/array-literal.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let test: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  test = await createTestDatabase();
  client = new pg.Client({ connectionString: test.applicationUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await test.drop();
});

async function readBack(literal: string, type: string): Promise<unknown> {
  const { rows } = await client.query(`SELECT $1::${type}[] AS read`, [literal]);
  return rows[0]?.read;
}

describe("a list on its way into PostgreSQL", () => {
  it.each([
    ["a quote", 'say "hi"'],
    ["a backslash", "C:\\temp\\"],
    ["braces and commas", "{a,b},c"],
    ["a line break", "one\ntwo"],
    ["nothing at all", ""],
    ["the word for nothing", "NULL"],
    ["SQL", "'); DROP TABLE journal; --"],
    ["an emoji", "🪣"],
  ])("keeps a text with %s exactly as it was", async (_name, text) => {
    expect(await readBack(textArrayLiteral([text, "after"]), "text")).toEqual([text, "after"]);
  });

  it("keeps absent texts apart from empty ones", async () => {
    expect(await readBack(textArrayLiteral(["", null, undefined]), "text")).toEqual(["", null, null]);
  });

  it("keeps 64-bit numbers to the last digit, and nulls", async () => {
    const numbers = [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n, 0n, null];
    expect(await readBack(arrayLiteral(numbers), "bigint")).toEqual([
      "9223372036854775807",
      "-9223372036854775808",
      "0",
      null,
    ]);
  });

  it("is empty when there is nothing in it", async () => {
    expect(await readBack(arrayLiteral([]), "bigint")).toEqual([]);
    expect(await readBack(textArrayLiteral([]), "text")).toEqual([]);
  });
});

describe("a list of numbers on its way back", () => {
  it("has the elements PostgreSQL wrote, in order", async () => {
    const { rows } = await client.query("SELECT ARRAY[3, NULL, -1]::bigint[]::text AS some, '{}'::int[]::text AS none");
    expect(arrayElements(rows[0]?.some)).toEqual(["3", "NULL", "-1"]);
    expect(arrayElements(rows[0]?.none)).toEqual([]);
  });

  it("is empty where there is no list", () => {
    expect(arrayElements(null)).toEqual([]);
  });
});
