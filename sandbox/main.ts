import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { migrations } from "../migrations/index.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { openDatabase } from "../src/platform/database/pool.ts";
import { plays } from "./demo/plays.ts";
import { describeParts } from "./description.ts";
import { apiEnvironment, facilitatorEnvironment, workerEnvironment } from "./environment.ts";
import { fundFacilitator, keepFacilitatorKeys } from "./facilitator-keys.ts";
import { type Narrator, openNarrator } from "./narrator.ts";
import { readOptions, type SandboxOptions } from "./options.ts";
import type { Part } from "./parts/part.ts";
import { reapOrphans } from "./parts/pid-file.ts";
import { startWatchdog } from "./parts/watchdog.ts";
import { type SandboxParts, startParts } from "./parts-start.ts";
import { choosePorts } from "./port-choice.ts";
import { waitForApi, waitForFacilitator, waitForWorker } from "./readiness.ts";
import { resetFolder } from "./reset.ts";
import { removeSandboxFile, type SandboxDescription, writeSandboxFile } from "./sandbox-file.ts";
import { keepSecrets } from "./secrets.ts";
import { startService } from "./service.ts";
import { prepareShutdown, type Shutdown } from "./shutdown.ts";
import { fundSolanaVendor } from "./solana-vendor.ts";
import { takeStartLock } from "./start-lock.ts";
import { describeWorld } from "./table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(root, process.env.TOLLKEEPER_FOLDER ?? ".tollkeeper");

/** What `npm start` does, once the dependencies are there. Ends the process with 1 and a message when the world cannot come up. */
export async function main(args: readonly string[]): Promise<void> {
  let options: SandboxOptions;
  let unlock: () => void;
  try {
    options = readOptions(args);
    unlock = takeStartLock(folder);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  const narrator = openNarrator(options.json ? process.stderr : process.stdout);
  removeSandboxFile(folder);
  const shutdown = prepareShutdown(narrator, { first: () => removeSandboxFile(folder), last: unlock });
  try {
    const description = await bringUp({ options, narrator, shutdown });
    if (options.demo) await playDemo(description, narrator, shutdown);
    narrator.say("everything is up; stop with Ctrl-C");
  } catch (error) {
    if (shutdown.isUnderWay()) return;
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
    shutdown.end(1, "the start failed: stopping what was started ...");
  }
}

/** A play that fails is told, and makes the exit code 1; the world stays up, so that one can look why. */
async function playDemo(description: SandboxDescription, narrator: Narrator, shutdown: Shutdown): Promise<void> {
  for (const { title, play } of plays) {
    narrator.say(`demo: ${title}`);
    try {
      await play(description, narrator.about("demo"));
    } catch (error) {
      if (shutdown.isUnderWay()) return;
      process.exitCode = 1;
      narrator.say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

type Bringing = { readonly options: SandboxOptions; readonly narrator: Narrator; readonly shutdown: Shutdown };

async function bringUp({ options, narrator, shutdown }: Bringing): Promise<SandboxDescription> {
  const startedAt = Date.now();
  for (const name of await reapOrphans(folder)) narrator.say(`ended ${name}, left over from a start that was killed`);
  if (options.reset) resetFolder(folder, narrator.say);
  const stopWatchdog = startWatchdog(folder);
  shutdown.add({ name: "watchdog", stop: async () => stopWatchdog() });
  const ports = await choosePorts(options.ports, narrator.say);
  const parts = await startParts({ folder, ports, narrator });
  shutdown.add(...Object.values(parts));
  watchParts(Object.values(parts), shutdown);
  await migrateSchema(parts, narrator);
  const secrets = await keepSecrets(folder);
  await parts.evm.fundOnce(secrets.vendorWallet, 100n * 10n ** 18n);
  await fundSolanaVendor(parts.solana, secrets);
  const facilitator = { ...(await keepFacilitatorKeys(folder)), port: ports.facilitator };
  await fundFacilitator(parts, facilitator);
  const world = { folder, parts, secrets, apiPort: ports.api, facilitator };
  await startServices({ world, narrator, shutdown, startedAt });
  const description = describeParts({
    parts,
    adminToken: secrets.adminToken,
    apiPort: ports.api,
    facilitatorPort: ports.facilitator,
  });
  const file = writeSandboxFile(folder, description);
  narrator.say(`ready; the same as JSON is in ${file}`);
  const table = describeWorld(description);
  process.stdout.write(options.json ? `${JSON.stringify(description)}\n` : `\n${table}\n\n`);
  return description;
}

function watchParts(parts: readonly Part[], shutdown: Shutdown): void {
  for (const part of parts) {
    void part.died.then((reason) => {
      if (shutdown.isUnderWay()) return;
      console.error(`\n${reason}\n`);
      shutdown.end(1, `${part.name} died: stopping ...`);
    });
  }
}

async function migrateSchema({ postgres }: SandboxParts, narrator: Narrator): Promise<void> {
  const owner = openDatabase(postgres.ownerUrl, { maxConnections: 2, name: "tollkeeper-migrate" });
  const ran = await migrate(owner, { steps: migrations, applicationLogin: postgres.applicationLogin }).finally(() =>
    owner.destroy(),
  );
  narrator.about("postgres")(ran.length === 0 ? "schema is up to date" : `ran ${ran.length} migrations`);
}

type Starting = {
  readonly world: Parameters<typeof facilitatorEnvironment>[0];
  readonly narrator: Narrator;
  readonly shutdown: Shutdown;
  readonly startedAt: number;
};

async function startServices({ world, narrator, shutdown, startedAt }: Starting): Promise<void> {
  const common = { command: process.execPath, directory: root, runDirectory: folder, stopWithinMs: 35_000 };
  const start = async (name: string, file: string, environment: NodeJS.ProcessEnv) => {
    const args = ["--import", "tsx", join(root, "src", file)];
    const service = await startService({ ...common, name, args, environment }, narrator.about(name));
    shutdown.add(service);
    return service;
  };
  // Before the others, so that they learn at once what it supports.
  const facilitator = await start("facilitator", "facilitator.ts", facilitatorEnvironment(world));
  await waitForFacilitator(facilitator, `http://127.0.0.1:${world.facilitator.port}`);
  narrator.about("facilitator")(`ready at http://127.0.0.1:${world.facilitator.port}`);
  const worker = await start("worker", "worker.ts", workerEnvironment(world));
  const api = await start("api", "api.ts", apiEnvironment(world));
  const { address, namespace } = world.parts.temporal;
  const url = `http://127.0.0.1:${world.apiPort}`;
  await Promise.all([
    waitForApi(api, url).then(() => narrator.about("api")(`ready at ${url}`)),
    waitForWorker(worker, { address, namespace, since: startedAt }).then(() =>
      narrator.about("worker")("ready, polls the task queue"),
    ),
  ]);
}
