import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findLastAttempt,
  insertAttempt,
  listAttempts,
  purgeAttempts,
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

  it("is forgotten line by line after 90 days, in batches, but never the last word of what is still being tried", async () => {
    const row = { event_id: "evt_old", channel: "webhook", attempt: 1, outcome: "not_taken", duration_milliseconds: 1 };
    const daysAgo = (days: number) => ({ attempted_at: new Date(Date.now() - days * 86_400_000) });
    const tried = { next_try_at: new Date() };
    await world.database("delivery_attempts").insert([
      { ...row, ...daysAgo(93), ...tried },
      { ...row, ...daysAgo(92), outcome: "delivered" },
      { ...row, ...daysAgo(89), outcome: "resend_requested" },
      { ...row, ...daysAgo(200), ...tried, event_id: "evt_tried" },
      { ...row, ...daysAgo(199), ...tried, event_id: "evt_tried", attempt: 2 },
    ]);
    const purged: number[] = [];
    for (let batch = 0; batch < 3; batch += 1) purged.push(await purgeAttempts(world.database, 2));
    expect(purged).toEqual([2, 1, 0]);
    const left = world.database("delivery_attempts").where("event_id", "in", ["evt_old", "evt_tried"]);
    expect(await left.clone().orderBy("number").select("event_id", "attempt", "outcome")).toEqual([
      { event_id: "evt_old", attempt: 1, outcome: "resend_requested" },
      { event_id: "evt_tried", attempt: 2, outcome: "not_taken" },
    ]);
    await expect(left.clone().where({ event_id: "evt_old" }).delete()).rejects.toThrow(/kept for 90 days/);
    await expect(left.clone().update({ number: world.database.raw("DEFAULT") })).rejects.toThrow(/only ever added to/);
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
