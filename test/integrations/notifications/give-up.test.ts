import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type DeliveryAttempt,
  insertAttempt,
  listAttempts,
} from "../../../src/integrations/notifications/delivery-log-store.ts";
import { giveUpDelivery } from "../../../src/integrations/notifications/give-up.ts";
import { attemptOf, type LogWorld, openLogWorld } from "./log-world.ts";

let world: LogWorld;
beforeAll(async () => {
  world = await openLogWorld();
});
afterAll(() => world.close());

const outcomes = async (eventId: string) =>
  (await listAttempts(world.database, { eventId, limit: 10 })).map(({ outcome }: DeliveryAttempt) => outcome);

it("writes the end down once, in the log's own words", async () => {
  await insertAttempt(world.database, attemptOf("evt_up", { outcome: "unavailable" }));
  const ending = { eventId: "evt_up", channel: "officex" as const };
  expect(await giveUpDelivery(world, ending)).toBe("given up after three days (unavailable)");
  await giveUpDelivery(world, ending);
  expect(await outcomes("evt_up")).toEqual(["given_up", "unavailable"]);
});

it("adds nothing where it was delivered after all", async () => {
  await insertAttempt(world.database, attemptOf("evt_done", { outcome: "delivered", nextTryAt: null }));
  expect(await giveUpDelivery(world, { eventId: "evt_done", channel: "officex" })).toBe("delivered");
  expect(await outcomes("evt_done")).toEqual(["delivered"]);
});
