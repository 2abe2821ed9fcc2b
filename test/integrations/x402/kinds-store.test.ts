import { expect, it } from "vitest";
import { keepKinds, readKinds } from "../../../src/integrations/x402/kinds-store.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase } from "../../support/database.ts";

it("keeps the latest word of a facilitator, at the address it was said at", async () => {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 1, name: "test" });
  const at = { name: "payai", url: "https://one.example" };
  const kind = { x402Version: 2 as const, scheme: "exact", network: "eip155:8453", extra: { feePayer: "f" } };
  expect(await readKinds(database, at)).toEqual([]);
  await keepKinds(database, { ...at, kinds: [] });
  await keepKinds(database, { ...at, kinds: [kind] });
  expect(await readKinds(database, at)).toEqual([kind]);
  expect(await readKinds(database, { ...at, url: "https://two.example" })).toEqual([]);
  await database.destroy();
  await test.drop();
});
