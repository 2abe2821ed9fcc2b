import { randomBytes } from "node:crypto";
import { z } from "zod";
import { openKeyCache } from "../../src/identity/key-cache.ts";
import { createVerifiers } from "../../src/identity/verifiers.ts";
import type { EntryDraft, PostedEntry } from "../../src/ledger/entry.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createMetrics } from "../../src/platform/http/metrics.ts";
import { createApplication } from "../../src/platform/http/mount-routes.ts";
import { startServer } from "../../src/platform/http/serve.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseMasterKey } from "../../src/platform/secrets.ts";
import { createPurchaseCache } from "../../src/products/purchases/purchase-cache.ts";
import { meterUsageRoute } from "../../src/products/purchases/routes/meter-usage.ts";
import { openNaiveLedger } from "./naive-ledger.ts";

// The real route in a process of its own: `tsx http-server.ts DATABASE_URL empty|naive|ours`. It writes its port and serves until killed.
const Arguments = z.tuple([z.string(), z.enum(["empty", "naive", "ours"])]);
const [databaseUrl, mode] = Arguments.parse(process.argv.slice(2));

const logger = createLogger({ level: "warn", name: "bench" });
const clock = systemClock;
const database = openDatabase(databaseUrl, { maxConnections: 16, name: "bench-http" });
const keys = await openKeyCache({ database, listenUrl: databaseUrl, logger, clock });
const ledger = { post: poster() };
const route = meterUsageRoute({ ledger, clock, purchases: createPurchaseCache(database) });
const application = createApplication([route], {
  logger,
  clock,
  verifiers: createVerifiers({ keys, adminToken: undefined }),
  corsOrigins: [],
  trustProxy: "false",
  bodyLimitBytes: 1_048_576,
  requestTimeoutMs: 30_000,
  rateLimits: "off",
  idempotency: {
    database,
    masterKey: parseMasterKey(randomBytes(32).toString("hex")),
    retentionSeconds: 60,
    leaseSeconds: 60,
  },
  metrics: createMetrics({ processMetrics: false }),
  validateReplies: false,
});
const server = await startServer({ logger }, application, { host: "127.0.0.1", port: 0, requestTimeoutMs: 30_000 });
process.stdout.write(`${server.port}\n`);

/** The same answer without, with a naive, or with our ledger behind it. */
function poster(): (draft: EntryDraft) => Promise<PostedEntry> {
  if (mode === "ours") return openLedger({ databaseUrl }).post;
  const answer = {
    entryId: "je_1",
    replayed: false,
    postedAt: new Date(),
    balanceAfter: nanodollars(1n),
    thresholdsCrossed: [],
  };
  if (mode === "empty") return () => Promise.resolve(answer);
  const naive = openNaiveLedger(database);
  return async ({ idempotencyKey, postings, usage }) => {
    const account = Number(/[0-9]+$/.exec(postings[0]?.account ?? "")?.[0] ?? 0);
    const amount = postings[0]?.amount ?? 0n;
    const balance = await naive.post({ account, key: idempotencyKey, amount, quantity: usage?.quantity ?? "0" });
    return { ...answer, balanceAfter: nanodollars(balance) };
  };
}
