import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentSecrets, rotateSecret } from "../../../src/integrations/notifications/webhook-secrets.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createTestDatabase } from "../../support/database.ts";

const HOUR = 3_600;

let database: Knex;
let drop: () => Promise<void>;
const clock = { time: Date.parse("2026-11-21T12:00:00Z"), now: () => clock.time };
const needs = () => ({ database, clock, masterKey: Buffer.alloc(32, 7) });
beforeAll(async () => {
  const test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "test" });
  drop = test.drop;
});
afterAll(async () => {
  await database.destroy();
  await drop();
});

describe("webhook secrets", () => {
  it("are the configured ones until the first rotation, then overlap and retire", async () => {
    const configured = ["whsec_b25l", "whsec_dHdv"];
    expect(await currentSecrets(needs(), configured)).toEqual(configured);
    const first = await rotateSecret(needs(), { configured, overlapSeconds: 24 * HOUR });
    const during = await currentSecrets(needs(), configured);
    expect(during[0]).toBe(first.secret);
    expect(new Set(during)).toEqual(new Set([first.secret, ...configured]));
    clock.time += 12 * HOUR * 1000;
    const second = await rotateSecret(needs(), { configured, overlapSeconds: 24 * HOUR });
    expect((await currentSecrets(needs(), configured)).slice(0, 2)).toEqual([second.secret, first.secret]);
    clock.time += 13 * HOUR * 1000;
    expect(await currentSecrets(needs(), configured)).toEqual([second.secret, first.secret]);
    clock.time += 12 * HOUR * 1000;
    expect(await currentSecrets(needs(), configured)).toEqual([second.secret]);
  });

  it("are stored sealed", async () => {
    const { secret } = await rotateSecret(needs(), { configured: [], overlapSeconds: 0 });
    expect(JSON.stringify(await database("webhook_secrets"))).not.toContain(secret.slice(6));
    const stranger = { ...needs(), masterKey: Buffer.alloc(32, 8) };
    await expect(currentSecrets(stranger, [])).rejects.toThrow("does not open");
  });
});
