import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findLastAttempt,
  insertAttempt,
  listAttempts,
} from "../../../src/integrations/notifications/delivery-log-store.ts";
import { attemptOf, type LogWorld, openLogWorld } from "./log-world.ts";

let world: LogWorld;
beforeAll(async () => {
  world = await openLogWorld();
});
afterAll(() => world.close());

describe("the delivery log", () => {
  it("gives back each line as it was written, the last one first", async () => {
    await insertAttempt(world.database, attemptOf("evt_1"));
    const second = attemptOf("evt_1", { attempt: 2, outcome: "delivered", status: 200, nextTryAt: null });
    await insertAttempt(world.database, second);
    await insertAttempt(world.database, attemptOf("evt_1", { channel: "email", status: null, destination: null }));
    expect(await findLastAttempt(world.database, { eventId: "evt_1", channel: "officex" })).toMatchObject(second);
    expect(await findLastAttempt(world.database, { eventId: "evt_1", channel: "webhook" })).toBeNull();
    const channels = (await listAttempts(world.database, { eventId: "evt_1", limit: 2 })).map(({ channel }) => channel);
    expect(channels).toEqual(["email", "officex"]);
  });

  it.each([
    ["a channel nobody knows", { channel: "fax" }],
    ["an outcome that is a sentence", { outcome: "It failed." }],
    ["a text that does not end", { detail: "x".repeat(301) }],
    ["an attempt before the first", { attempt: 0 }],
  ])("refuses %s", async (_, change) => {
    const row = { event_id: "evt_2", channel: "webhook", attempt: 1, outcome: "failed", duration_milliseconds: 1 };
    await expect(world.database("delivery_attempts").insert({ ...row, ...change })).rejects.toThrow(/check constraint/);
  });
});
