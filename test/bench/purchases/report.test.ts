import { describe, expect, it } from "vitest";
import { goalsOf, megabytesOfKept, ratioOfLimit, waitsOf, wakingOfLimit } from "../../../bench/purchases/goals.ts";
import { inFlight } from "../../../bench/purchases/in-flight.ts";
import { printPurchasesResult, purchasesToJson } from "../../../bench/purchases/report.ts";
import type { PurchasesBenchResult } from "../../../bench/purchases/run.ts";

const MEGABYTE = 1_048_576;

const size = (events: number) => ({ events, bytes: events * 150, activities: 5 });

const sale = (confirmedToActive: number) => ({
  ...{ checkoutId: "chk", purchaseId: "pur", depositId: "dep", address: "0x", startedAt: 0 },
  ...{ confirmedAt: 1_000, finalizedAt: 1_100, activeAt: 1_000 + confirmedToActive, sweptAt: 9_000 },
});

function result(changes: Partial<PurchasesBenchResult> = {}): PurchasesBenchResult {
  return {
    machine: { cores: 2, model: "a processor", node: "v20" },
    watcher: [
      { addresses: 10, rpcCalls: 4, milliseconds: 10, naive: { rpcCalls: 10, milliseconds: 20 } },
      { addresses: 100_000, rpcCalls: 4, milliseconds: 14 },
    ],
    throughput: {
      inFlight: 2,
      activities: [6, 2, 4, 1],
      rounds: [
        { purchases: 6, emptyPurchases: 10, buckets: 100 },
        { purchases: 1, emptyPurchases: 10, buckets: 100 },
        { purchases: 7, emptyPurchases: 10, buckets: 100 },
      ],
      sold: [sale(400), sale(500), sale(600)],
    },
    histories: {
      sampled: 3,
      ...{ checkout: size(20), provisioned: size(45), terminated: size(120), sweep: size(30), notice: size(11) },
      ...{ wholeWhenProvisioned: size(110), wholeWhenTerminated: size(240), noticesWhenTerminated: 6 },
    },
    sleepers: {
      ...{ sleepers: 1_000, keptBefore: 20, kept: 400, fallAsleepMs: 5_000, wakeMs: [4_000, 5_000, 8_000] },
      emptyMs: [3_000, 3_000, 3_000],
      ...{ residentBefore: 300 * MEGABYTE, residentAsleep: 395 * MEGABYTE, residentAfterWaking: 420 * MEGABYTE },
    },
    ...changes,
  };
}

describe("the report of the purchases bench", () => {
  it("compares a round with the machine in the same round, and takes the middle one", () => {
    expect(ratioOfLimit(result().throughput)).toBe(0.6);
    expect(wakingOfLimit(result().sleepers)).toBe(0.6);
  });

  it("shares what the worker grew by among the workflows that it took in", () => {
    expect(megabytesOfKept(result().sleepers)).toBe(0.25);
  });

  it("measures a customer's wait from the confirmed deposit", () => {
    expect(waitsOf(result().throughput.sold).confirmedToActive).toEqual({ p50: 500, p99: 600 });
  });

  it("meets every goal with a good result, and compares the most addresses with the fewest", () => {
    const goals = goalsOf(result());
    expect(goals.filter(({ met }) => !met)).toEqual([]);
    expect(goals.find(({ name }) => name.startsWith("RPC calls"))).toMatchObject({ reached: 1 });
    expect(printPurchasesResult(result())).not.toContain("MISSED");
  });

  it("says MISSED of a watcher that asks more with more addresses", () => {
    const watcher = [
      { addresses: 10, rpcCalls: 4, milliseconds: 10 },
      { addresses: 100_000, rpcCalls: 40_000, milliseconds: 90_000 },
    ];
    const missed = goalsOf(result({ watcher })).filter(({ met }) => !met);
    expect(missed.map(({ name }) => name)).toEqual([
      "RPC calls per pass, 100,000 quiet addresses / 10",
      "time per pass, 100,000 quiet addresses / 10",
    ]);
    expect(printPurchasesResult(result({ watcher }))).toContain("MISSED");
  });

  it("counts what was not measured as missed, never as met", () => {
    const throughput = { ...result().throughput, rounds: [], sold: [] };
    const missed = goalsOf(result({ throughput, watcher: [] })).filter(({ met }) => !met);
    expect(missed).toHaveLength(4);
  });

  it("gives programs the goals and the waits, and no purchase's own times", () => {
    const text = JSON.stringify(purchasesToJson(result()));
    expect(JSON.parse(text)).toMatchObject({
      throughput: { in_flight: 2, ratio_of_limit: 0.6, times: { purchases: 3 } },
      sleepers: { kept: 400 },
    });
    expect(text).not.toContain("purchaseId");
  });
});

describe("work in flight", () => {
  it("does each piece once, and no more at a time than it was told", async () => {
    const seen = { now: 0, most: 0 };
    const done = await inFlight({ count: 10, most: 3 }, async (index) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.now -= 1;
      return index;
    });
    expect([...done].sort((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.most).toBe(3);
  });

  it("fails when a piece fails", async () => {
    await expect(inFlight({ count: 2, most: 2 }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
