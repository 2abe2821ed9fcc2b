import { Gauge } from "prom-client";
import type { ApiContext } from "./context.ts";
import { selectLatestVerification } from "./ledger/verification-store.ts";
import { readWakeBacklog } from "./platform/temporal/wake-store.ts";
import { countPaymentsInDoubt } from "./products/access/payments/doubt/doubt-store.ts";
import { countByStatus } from "./products/purchases/purchase-store.ts";
import { countUsageRefusals } from "./products/purchases/usage-refusal-store.ts";

/**
 * Adds what the business is watched by to `/metrics`: drift of the books, waiting wakes, purchases by status. Read from Postgres when
 * scraped, so every replica says the same.
 */
export function registerBusinessMetrics({ database, metrics }: Pick<ApiContext, "database" | "metrics">): void {
  const registers = [metrics];
  const readVerification = oncePerScrape(() => selectLatestVerification(database));
  new Gauge({
    name: "ledger_drift_nanodollars",
    help: "Stored balances minus their recomputation, magnitudes summed, at the latest nightly verification; -1 before the first.",
    registers,
    async collect() {
      this.set(Number((await readVerification())?.drift ?? -1));
    },
  });
  new Gauge({
    name: "ledger_verified_timestamp_seconds",
    help: "When the books were last verified, in seconds of the epoch; 0 before the first time.",
    registers,
    async collect() {
      this.set(((await readVerification())?.verifiedAt.getTime() ?? 0) / 1000);
    },
  });
  new Gauge({
    name: "wakes_oldest_seconds",
    help: "Age of the oldest wake that Temporal has not taken yet.",
    registers,
    async collect() {
      this.set((await readWakeBacklog(database)).oldestSeconds);
    },
  });
  new Gauge({
    name: "usage_refusals",
    help: "Usage reports by signal that were refused, in all time, by reason.",
    labelNames: ["code"],
    registers,
    async collect() {
      this.reset();
      for (const { code, count } of await countUsageRefusals(database)) this.set({ code }, count);
    },
  });
  const readDoubt = oncePerScrape(() => countPaymentsInDoubt(database));
  new Gauge({
    name: "access_payments_in_doubt",
    help: "Payments for access of which nobody knows yet whether the tokens moved, by status.",
    labelNames: ["status"],
    registers,
    async collect() {
      const { byStatus } = await readDoubt();
      for (const [status, count] of Object.entries(byStatus)) this.set({ status }, count);
    },
  });
  new Gauge({
    name: "access_payments_in_doubt_oldest_seconds",
    help: "Age of the oldest payment for access that is in doubt; 0 without one.",
    registers,
    async collect() {
      this.set((await readDoubt()).oldestSeconds);
    },
  });
  new Gauge({
    name: "purchases",
    help: "Purchases by status.",
    labelNames: ["status"],
    registers,
    async collect() {
      this.reset();
      for (const { status, count } of await countByStatus(database)) this.set({ status }, count);
    },
  });
}

/** Gauges of one scrape are collected at the same time: those that show the same row wait for the same read. */
function oncePerScrape<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  };
}
