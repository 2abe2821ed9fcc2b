import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { inject } from "vitest";
import { z } from "zod";
import { migrations } from "../../migrations/index.ts";
import { describeParts } from "../../sandbox/description.ts";
import { apiEnvironment, facilitatorEnvironment, workerEnvironment } from "../../sandbox/environment.ts";
import { fundFacilitator, keepFacilitatorKeys } from "../../sandbox/facilitator-keys.ts";
import { type Child, startChild } from "../../sandbox/parts/child-process.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { type SandboxParts, startParts } from "../../sandbox/parts-start.ts";
import type { SandboxDescription } from "../../sandbox/sandbox-file.ts";
import { keepSecrets } from "../../sandbox/secrets.ts";
import { fundSolanaVendor } from "../../sandbox/solana-vendor.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const Message = z.object({
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  status: z.number(),
});

const Notice = z.object({ type: z.string(), data: z.object({ purchase_id: z.string() }) });

/** One delivery of a webhook. */
export type DeliveredNotice = { readonly id: string; readonly type: string };

/** One of our processes under test: it can be killed without warning and started again. */
export type TestProcess = {
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly lastLines: () => string;
  readonly wholeLog: () => string;
};

/** A whole world of one test file's own: every part, our API and our worker, all real, on free ports. */
export type TestWorld = {
  readonly description: SandboxDescription;
  readonly parts: SandboxParts;
  readonly api: TestProcess;
  readonly worker: TestProcess;
  readonly facilitator: TestProcess;
  /** Stops a part in its tracks, as a hung server would be, and lets it go on. */
  readonly freeze: (part: "evm" | "s3" | "temporal") => void;
  readonly thaw: (part: "evm" | "s3" | "temporal") => void;
  /** What the inbox took about a purchase, delivery by delivery: a notice sent twice is there twice, under one id. */
  readonly readNotices: (purchaseId: string) => Promise<readonly DeliveredNotice[]>;
  /** Asks the database as its owner, to look behind the application. */
  readonly query: <Row extends pg.QueryResultRow>(text: string, values?: readonly string[]) => Promise<readonly Row[]>;
  /** Kills one of the database's own processes: all connections are cut, and it recovers from its log as after a power cut. */
  readonly crashPostgres: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const PORT_TAKEN = /address already in use|EADDRINUSE/i;
const TRIES = 3;

/** A port that was free when it was looked for may be taken a moment later, by anybody's connection: then others are tried. */
async function startPartsSomewhere(folder: string, tries = TRIES) {
  const ports = await freePorts();
  const narrator = { say: () => {}, ready: () => {}, about: () => () => {} };
  try {
    return { ports, parts: await startParts({ folder, ports, narrator, embeddedOnly: true }) };
  } catch (error) {
    if (tries <= 1 || !(error instanceof Error) || !PORT_TAKEN.test(error.message)) throw error;
    return startPartsSomewhere(folder, tries - 1);
  }
}

/** Brings a world up; `environment` is added to that of API and worker. Call `stop` at the end. */
export async function startTestWorld(environment: NodeJS.ProcessEnv = {}): Promise<TestWorld> {
  const folder = join(inject("runDirectory"), `world-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const { ports, parts } = await startPartsSomewhere(folder);
  const owner = openDatabase(parts.postgres.ownerUrl, { maxConnections: 2, name: "test-migrate" });
  await migrate(owner, { steps: migrations, applicationLogin: parts.postgres.applicationLogin });
  await owner.destroy();
  const secrets = await keepSecrets(folder);
  await parts.evm.fund(secrets.vendorWallet, 10n ** 20n);
  await fundSolanaVendor(parts.solana, secrets);
  const files = await keepFacilitatorKeys(folder);
  await fundFacilitator(parts, files);
  const world = { folder, parts, secrets, apiPort: ports.api, facilitator: { ...files, port: ports.facilitator } };
  const facilitator = openProcess(folder, "facilitator", { ...facilitatorEnvironment(world), ...environment });
  const api = openProcess(folder, "api", { ...apiEnvironment(world), ...environment });
  const worker = openProcess(folder, "worker", { ...workerEnvironment(world), ...environment });
  await Promise.all([api.start(), worker.start(), facilitator.start()]);
  await untilHealthy(`http://127.0.0.1:${ports.api}/health`, api);
  const stop = async () => {
    await Promise.all([api.kill(), worker.kill(), facilitator.kill()]);
    await Promise.all(Object.values(parts).map((part) => part.stop()));
  };
  const signal = (part: string, name: NodeJS.Signals) => process.kill(-pidOf(folder, part), name);
  return {
    description: describeParts({
      parts,
      adminToken: secrets.adminToken,
      apiPort: ports.api,
      facilitatorPort: ports.facilitator,
    }),
    parts,
    api,
    worker,
    facilitator,
    freeze: (part) => signal(part, "SIGSTOP"),
    thaw: (part) => signal(part, "SIGCONT"),
    readNotices: async (purchaseId) => noticesOf(purchaseId, await readInbox(parts.inbox.messagesUrl)),
    query: (text, values = []) => queryAs(parts.postgres.ownerUrl, text, values),
    crashPostgres: async () => {
      const [victim] = await queryAs<{ pid: number }>(
        parts.postgres.ownerUrl,
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1",
        [],
      );
      if (victim === undefined) throw new Error("nobody is connected to the database");
      process.kill(victim.pid, "SIGKILL");
    },
    stop,
  };
}

function openProcess(folder: string, name: string, environment: NodeJS.ProcessEnv): TestProcess {
  let child: Child | undefined;
  return {
    start: async () => {
      const args = ["--import", "tsx", join(root, "src", `${name}.ts`)];
      child = await startChild({
        name,
        command: process.execPath,
        args,
        runDirectory: folder,
        directory: root,
        environment,
      });
    },
    kill: async () => {
      if (child?.isRunning() !== true) return;
      process.kill(-child.pid, "SIGKILL");
      await child.exited;
    },
    lastLines: () => child?.lastLines() ?? "",
    wholeLog: () => readFileSync(join(folder, "logs", `${name}.log`), "utf8"),
  };
}

function pidOf(folder: string, part: string): number {
  const file = readdirSync(join(folder, "pids")).find((name) => name.startsWith(`${part}-`));
  const pid = Number(file?.replace(/^.*-|\.json$/g, ""));
  if (!Number.isInteger(pid)) throw new Error(`no process of ${part} is known`);
  return pid;
}

async function untilHealthy(url: string, api: TestProcess): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (performance.now() > until) throw new Error(`The API does not answer. Its last lines:\n${api.lastLines()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function noticesOf(purchaseId: string, messages: readonly z.infer<typeof Message>[]): readonly DeliveredNotice[] {
  return messages
    .filter((message) => message.status === 200)
    .map((message) => ({ id: message.headers["webhook-id"] ?? "", notice: Notice.parse(JSON.parse(message.body)) }))
    .filter(({ notice }) => notice.data.purchase_id === purchaseId)
    .map(({ id, notice }) => ({ id, type: notice.type }));
}

async function queryAs<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: readonly string[],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

async function readInbox(url: string) {
  const response = await fetch(url);
  const body: unknown = await response.json();
  return z.array(Message).parse(Array.isArray(body) ? body : z.object({ messages: z.unknown() }).parse(body).messages);
}

async function freePorts() {
  const [api, temporal, temporalUi, postgres, evm, s3, inbox] = await Promise.all(
    Array.from({ length: 7 }, () => freePort()),
  );
  const [officex, mail, mailWeb, solana, facilitator] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  if (!api || !temporal || !temporalUi || !postgres || !evm || !s3 || !inbox) throw new Error("no free port");
  if (!officex || !mail || !mailWeb || !solana || !facilitator) throw new Error("no free port");
  return { api, temporal, temporalUi, postgres, evm, solana, s3, inbox, officex, mail, mailWeb, facilitator };
}
