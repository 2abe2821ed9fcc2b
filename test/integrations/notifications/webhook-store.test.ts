import { afterAll, beforeAll, expect, it } from "vitest";
import {
  insertSecret,
  isRefused,
  liftRefusals,
  listRefusals,
  listSecrets,
  noteRefusal,
  retireSecrets,
} from "../../../src/integrations/notifications/webhook-store.ts";
import { type LogWorld, openLogWorld } from "./log-world.ts";

let world: LogWorld;
beforeAll(async () => {
  world = await openLogWorld();
});
afterAll(() => world.close());

it("lists the secret that stays first, and gives only those without an end one", async () => {
  const early = new Date("2026-01-01T00:00:00Z");
  await insertSecret(world.database, { id: "whs_old", sealed: "v1.old", retiresAt: early });
  await insertSecret(world.database, { id: "whs_now", sealed: "v1.now", retiresAt: null });
  const late = new Date("2027-01-01T00:00:00Z");
  await retireSecrets(world.database, late);
  await insertSecret(world.database, { id: "whs_new", sealed: "v1.new", retiresAt: null });
  const shown = (await listSecrets(world.database)).map(({ id, retiresAt }) => [id, retiresAt]);
  expect(shown).toEqual([
    ["whs_new", null],
    ["whs_now", late],
    ["whs_old", early],
  ]);
});

it("remembers who wants no more until it is lifted, and again after another 410", async () => {
  const listener = Buffer.alloc(32, 1);
  expect(await isRefused(world.database, listener)).toBe(false);
  await noteRefusal(world.database, listener, "hooks.example");
  expect(await isRefused(world.database, listener)).toBe(true);
  expect(await isRefused(world.database, Buffer.alloc(32, 2))).toBe(false);
  await liftRefusals(world.database);
  expect(await isRefused(world.database, listener)).toBe(false);
  await noteRefusal(world.database, listener, "hooks.example");
  expect(await listRefusals(world.database)).toMatchObject([{ host: "hooks.example", liftedAt: null }]);
});
