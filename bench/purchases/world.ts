import { join } from "node:path";
import type { Client } from "@temporalio/client";
import pg from "pg";
import { migrations } from "../../migrations/index.ts";
import { describeParts } from "../../sandbox/description.ts";
import { apiEnvironment, workerEnvironment } from "../../sandbox/environment.ts";
import type { Child } from "../../sandbox/parts/child-process.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { type SandboxParts, startParts } from "../../sandbox/parts-start.ts";
import { waitForApi } from "../../sandbox/readiness.ts";
import type { SandboxDescription } from "../../sandbox/sandbox-file.ts";
import { keepSecrets } from "../../sandbox/secrets.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { openTemporalClient } from "../../src/platform/temporal/client.ts";
import type { BenchRun } from "../bench-run.ts";
import { type BenchProcess, freeWorldPorts, openProcess, startNode, watched } from "../processes.ts";

/** A vendor's whole world: every part real and on this machine, the API and one worker as processes of their own. */
export type SaleWorld = {
  readonly description: SandboxDescription;
  readonly parts: SandboxParts;
  readonly temporal: Client;
  /** Asks the database as its owner, past the application. */
  readonly database: pg.Pool;
  readonly worker: BenchProcess;
  /** Where the worker serves Temporal's own metrics. */
  readonly metricsUrl: string;
  /** Starts another program of the bench's own, stopped with the world. */
  readonly startProgram: (name: string, args: readonly string[]) => Promise<Child>;
  readonly stop: () => Promise<void>;
};

/** A grace of a second, so that a life ends within the bench; one confirmation; nothing is held back for coming too often. */
const SHORT_LIVES = { GRACE_SECONDS: "1", DEPOSIT_POLL_MILLISECONDS: "250", DEFAULT_BLOCK_CONFIRMATIONS: "1" };

/** Starts the world, stopped with the run if not before. PostgreSQL acknowledges what is on disk; the chain adds a block a second. */
export async function startSaleWorld(run: BenchRun): Promise<SaleWorld> {
  const folder = join(run.folder, "sales");
  run.progress("sales: starting PostgreSQL, Temporal, a chain, an S3 server, the API and the worker");
  const ports = await freeWorldPorts();
  const silent = { say: () => {}, ready: () => {}, about: () => () => {} };
  const parts = await startParts({ folder, ports, narrator: silent, embeddedOnly: true, solana: false });
  run.shutdown.add(...Object.values(parts));
  const owner = openDatabase(parts.postgres.ownerUrl, { maxConnections: 2, name: "bench-migrate" });
  await migrate(owner, { steps: migrations, applicationLogin: parts.postgres.applicationLogin }).finally(() =>
    owner.destroy(),
  );
  const secrets = await keepSecrets(folder);
  await parts.evm.fund(secrets.vendorWallet, 10n ** 24n);
  const world = { folder, parts, secrets, apiPort: ports.api };
  const metricsPort = await freePort();
  const quiet = { ...SHORT_LIVES, LOG_LEVEL: "warn", NODE_ENV: "production", PAY2_BARE: "false" };
  const api = openProcess(folder, "api", { ...apiEnvironment(world), ...quiet, RATE_LIMITS: "off" });
  const workerSettings = { ...workerEnvironment(world), ...quiet, WORKER_METRICS_PORT: String(metricsPort) };
  const worker = openProcess(folder, "worker", workerSettings, parts.temporal);
  await Promise.all([api.start(), worker.start()]);
  await waitForApi(watched("api", api), `http://127.0.0.1:${ports.api}`);
  const { address, namespace } = parts.temporal;
  const temporal = await openTemporalClient(
    { logger: createLogger({ level: "warn", name: "bench" }) },
    { address, namespace },
  );
  const database = new pg.Pool({ connectionString: parts.postgres.ownerUrl, max: 4 });
  database.on("error", () => undefined);
  const programs: Child[] = [];
  const stop = async () => {
    await Promise.all([database.end(), temporal.close()]);
    await Promise.all([api.stop(), worker.stop(), ...programs.map((program) => program.stop())]);
    for (const part of Object.values(parts)) await part.stop();
  };
  return {
    description: describeParts({
      parts,
      adminToken: secrets.adminToken,
      apiPort: ports.api,
      // Nobody pays by x402 here, so none is started.
      facilitatorPort: ports.facilitator,
    }),
    ...{ parts, temporal: temporal.client, database, worker, stop },
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    startProgram: async (name, args) => {
      const program = await startNode(folder, { name, args, environment: process.env });
      programs.push(program);
      return program;
    },
  };
}
