import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  attemptDelivery,
  pauseSeconds,
  type Verdict,
} from "../../../src/integrations/notifications/attempt-delivery.ts";
import { listAttempts } from "../../../src/integrations/notifications/delivery-log-store.ts";
import { openDeliverySlots } from "../../../src/integrations/notifications/delivery-slots.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { OutboundUnreachable } from "../../../src/platform/outbound/errors.ts";
import { createTestDatabase } from "../../support/database.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");

let database: Knex;
let drop: () => Promise<void>;
beforeAll(async () => {
  const test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "test" });
  drop = test.drop;
});
afterAll(async () => {
  await database.destroy();
  await drop();
});

const needs = () => ({ database, clock: { now: () => NOW }, slots: openDeliverySlots() });
const about = (eventId: string) => ({ eventId, channel: "webhook" as const, destination: "hooks.example" });
const attempt = (eventId: string, verdict: Verdict) => attemptDelivery(needs(), about(eventId), async () => verdict);
const log = (eventId: string) => listAttempts(database, { eventId, limit: 10 });

describe("attemptDelivery", () => {
  it("writes a line for every attempt, numbered, with the time of the next one, and none after the end", async () => {
    const busy: Verdict = { outcome: "not_taken", isFinal: false, status: 503, text: "The listener answered 503." };
    await expect(attempt("evt_lines", busy)).rejects.toMatchObject({ code: "notice_not_taken" });
    await expect(attempt("evt_lines", { ...busy, retryAfterSeconds: 120 })).rejects.toMatchObject({
      members: { retry_after_seconds: 120 },
    });
    expect(await attempt("evt_lines", { outcome: "delivered", isFinal: true, status: 204 })).toBe("delivered");
    expect(await attempt("evt_lines", { outcome: "delivered", isFinal: true })).toBe("delivered");
    const lines = (await log("evt_lines")).map(({ attempt, outcome, status, nextTryAt }) => [
      ...[attempt, outcome, status, nextTryAt === null ? null : (nextTryAt.getTime() - NOW) / 1000],
    ]);
    expect(lines).toEqual([
      [3, "delivered", 204, null],
      [2, "not_taken", 503, 120],
      [1, "not_taken", 503, 2],
    ]);
  });

  it("keeps the failure of the way there, and of an unexpected one not a word", async () => {
    const dead = new OutboundUnreachable({ host: "hooks.example", reason: "ECONNREFUSED" });
    const failing = (eventId: string, error: Error) =>
      attemptDelivery(needs(), about(eventId), () => Promise.reject(error));
    await expect(failing("evt_dead", dead)).rejects.toMatchObject({ code: "notice_not_taken" });
    await expect(failing("evt_odd", new Error("key whsec_hush"))).rejects.toMatchObject({ code: "notice_not_taken" });
    const [deadLine, oddLine] = [...(await log("evt_dead")), ...(await log("evt_odd"))];
    expect(deadLine).toMatchObject({
      outcome: "outbound_unreachable",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
    expect(oddLine).toMatchObject({ outcome: "failed" });
    expect(JSON.stringify(oddLine)).not.toContain("hush");
  });

  it("bounds what it keeps", async () => {
    await attempt("evt_long", { outcome: "rejected", isFinal: true, text: "x".repeat(5_000) });
    expect((await log("evt_long"))[0]?.detail).toHaveLength(300);
  });

  it("cannot be rewritten, not even by the application", async () => {
    await attempt("evt_fixed", { outcome: "delivered", isFinal: true });
    await expect(database("delivery_attempts").update({ outcome: "lost" })).rejects.toThrow();
    await expect(database("delivery_attempts").delete()).rejects.toThrow();
  });
});

describe("pauseSeconds", () => {
  it("doubles up to an hour, and is never shorter than the other side's wish", () => {
    expect([1, 2, 3, 11, 12, 500].map((number) => pauseSeconds(number))).toEqual([2, 4, 8, 2048, 3600, 3600]);
    expect(pauseSeconds(1, 900)).toBe(900);
    expect(pauseSeconds(20, 5)).toBe(3600);
  });
});
