import { join } from "node:path";
import type { Knex } from "knex";
import { migrations } from "../../migrations/index.ts";
import { describeParts } from "../../sandbox/description.ts";
import { apiEnvironment, facilitatorEnvironment, workerEnvironment } from "../../sandbox/environment.ts";
import { fundFacilitator, keepFacilitatorKeys } from "../../sandbox/facilitator-keys.ts";
import { type SandboxParts, startParts } from "../../sandbox/parts-start.ts";
import { waitForApi } from "../../sandbox/readiness.ts";
import type { SandboxDescription } from "../../sandbox/sandbox-file.ts";
import { keepSecrets } from "../../sandbox/secrets.ts";
import { fundSolanaVendor } from "../../sandbox/solana-vendor.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { type MasterKey, parseMasterKey } from "../../src/platform/secrets.ts";
import type { BenchRun } from "../bench-run.ts";
import { type BenchProcess, freeWorldPorts, openProcess, watched } from "../processes.ts";

/** A renting place's whole world: both chains, our facilitator, the API and one worker as processes of their own. */
export type AccessWorld = {
  readonly description: SandboxDescription;
  readonly parts: SandboxParts;
  readonly api: BenchProcess;
  readonly worker: BenchProcess;
  /** What the facilitator asks for in `Authorization`. */
  readonly facilitatorToken: string;
  readonly masterKey: MasterKey;
  /** As the application, and as the owner of the tables. */
  readonly database: Knex;
  readonly owner: Knex;
  readonly stop: () => Promise<void>;
};

/** A slot's milliseconds: as short as a blockhash, 150 slots, still outlives a payment on a busy machine. */
const SLOT_MS = 50;
const FACILITATOR_TOKEN = "bench-facilitator-token-0123456789abcdef";

/** Starts the world, stopped with the run if not before. Transactions are mined at once on EVM and in 50 ms slots on Solana. */
export async function startAccessWorld(run: BenchRun): Promise<AccessWorld> {
  const folder = join(run.folder, "access");
  run.progress("access: starting PostgreSQL, Temporal, two chains, the facilitator, the API and the worker");
  const ports = await freeWorldPorts();
  const silent = { say: () => {}, ready: () => {}, about: () => () => {} };
  const parts = await startParts({ folder, ports, narrator: silent, embeddedOnly: true, solanaSlotMs: SLOT_MS });
  run.shutdown.add(...Object.values(parts));
  const owner = openDatabase(parts.postgres.ownerUrl, { maxConnections: 2, name: "bench-owner" });
  await migrate(owner, { steps: migrations, applicationLogin: parts.postgres.applicationLogin });
  const secrets = await keepSecrets(folder);
  await parts.evm.fund(secrets.vendorWallet, 10n ** 24n);
  await fundSolanaVendor(parts.solana, secrets);
  const files = await keepFacilitatorKeys(folder);
  await fundFacilitator(parts, files);
  const facilitator = { ...files, port: ports.facilitator };
  const world = { folder, parts, secrets, apiPort: ports.api, facilitator };
  const quiet = { LOG_LEVEL: "warn", NODE_ENV: "production", PAY2_BARE: "false", FACILITATOR_TOKEN };
  const settler = openProcess(folder, "facilitator", { ...facilitatorEnvironment(world), ...quiet });
  // Requests and sockets of many callers come from this one machine; a proxy in front would name their addresses.
  const open = { RATE_LIMITS: "off", TRUST_PROXY: "loopback" };
  const api = openProcess(folder, "api", { ...apiEnvironment(world), ...quiet, ...open });
  const worker = openProcess(folder, "worker", { ...workerEnvironment(world), ...quiet }, parts.temporal);
  const described = { parts, adminToken: secrets.adminToken, apiPort: ports.api, facilitatorPort: ports.facilitator };
  const description = describeParts(described);
  await settler.start();
  await waitForApi(watched("facilitator", settler), description.facilitator);
  await Promise.all([api.start(), worker.start()]);
  await waitForApi(watched("api", api), description.api);
  const database = openDatabase(parts.postgres.applicationUrl, { maxConnections: 8, name: "bench" });
  return {
    ...{ description, parts, api, worker, database, owner },
    facilitatorToken: FACILITATOR_TOKEN,
    masterKey: parseMasterKey(secrets.masterKey),
    stop: async () => {
      await Promise.all([database.destroy(), owner.destroy()]);
      await Promise.all([api.stop(), worker.stop(), settler.stop()]);
      for (const part of Object.values(parts)) await part.stop();
    },
  };
}
