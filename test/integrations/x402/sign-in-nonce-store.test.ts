import type { Knex } from "knex";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useNonce } from "../../../src/integrations/x402/sign-in-nonce-store.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

let test: TestDatabase;
let database: Knex;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "test" });
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

const nonce = (digit: number) => digit.toString(16).repeat(64);

it("deletes challenges that are long over, and never one that may still be shown", async () => {
  const [past, present] = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 60_000)];
  for (const digit of [1, 2, 3]) await useNonce(database, { nonce: nonce(digit), expiresAt: past });
  expect(await useNonce(database, { nonce: nonce(4), expiresAt: present })).toBe(true);
  expect(await useNonce(database, { nonce: nonce(5), expiresAt: present })).toBe(true);
  const { rows } = await database.raw<{ rows: { nonce: string }[] }>("SELECT nonce FROM sign_in_nonces ORDER BY nonce");
  expect(rows.map((row) => row.nonce)).toEqual([nonce(4), nonce(5)]);
  expect(await useNonce(database, { nonce: nonce(4), expiresAt: present })).toBe(false);
});
