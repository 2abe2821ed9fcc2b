import { fileURLToPath } from "node:url";
import type { TelemetryOptions, WorkerOptions } from "@temporalio/worker";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { failureInterceptor } from "../activities/failures.ts";
import { createActivities } from "../activities/index.ts";
import { searchAttributes, subjects } from "../workflows/contracts.ts";
import { readOrExit, readWorkerConfig } from "./config.ts";
import { openContext } from "./context.ts";
import { createStorage } from "./integrations/aws/storage.ts";
import { openSolanaKeys } from "./integrations/chains/solana/keystore-signer.ts";
import { requestSweeps } from "./integrations/chains/sweeps/sweep-request-store.ts";
import { openMailer } from "./integrations/notifications/mail.ts";
import { parseAllowedHost } from "./integrations/officex/allowed-hosts.ts";
import { openTemporalClient, untilTemporalAnswers } from "./platform/temporal/client.ts";
import { longActivations } from "./platform/temporal/long-activations.ts";
import { ensureSchedules } from "./platform/temporal/schedules.ts";
import { openSdkLog } from "./platform/temporal/sdk-log.ts";
import { ensureSearchAttributes } from "./platform/temporal/search-attributes.ts";
import { BULK_QUEUE, MAIN_QUEUE } from "./platform/temporal/task-queues.ts";
import { startWakeDispatcher } from "./platform/temporal/wake-dispatcher.ts";
import { raiseWake } from "./platform/temporal/wake-store.ts";
import { readOpenPayout } from "./products/access/fees/payout-store.ts";
import { findPaymentsInDoubt } from "./products/access/payments/doubt/doubt-store.ts";
import { findFailedPaymentsDue, findPaymentsDueForFinality } from "./products/access/payments/doubt/finality-store.ts";
import { finalitySeconds } from "./products/access/payments/doubt/recheck-payment.ts";
import { keepEndingSessions } from "./products/access/sessions/end-due-sessions.ts";
import { findOverdueSessions } from "./products/access/sessions/overdue-session-store.ts";
import { openRemainderRefunds } from "./products/purchases/remainder-refunds.ts";
import { openMoneyMoves } from "./products/purchases/repairs/open-money-moves.ts";
import { findLaggards } from "./products/purchases/watch/laggard-store.ts";
import { schedules } from "./schedules.ts";
import { checkSettlementWallets, openWorkerSigner, readSignerKeystore } from "./worker-signer.ts";

const CACHED_WORKFLOWS = 400;

const config = readOrExit(readWorkerConfig);
const context = openContext(config, "tollkeeper-worker");
const { logger } = context;
process.on("uncaughtException", (error) => {
  logger.fatal({ err: error }, "the worker cannot go on");
  process.exit(1);
});
Runtime.install({ shutdownSignals: [], logger: openSdkLog(logger), telemetryOptions: telemetry() });
const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config;
const temporal = await openTemporalClient({ logger }, { address, namespace });
await ensureSearchAttributes(temporal.connection, { namespace, attributes: searchAttributes });
await ensureSchedules(temporal.client, schedules);

const signer = await openWorkerSigner(context, config);
const solanaKeys = await openSolana();
checkSettlementWallets(config, { evm: signer, solana: solanaKeys?.signer });
const storage = createStorage({
  region: config.AWS_REGION,
  identity: config.S3_IDENTITY,
  ...(config.S3_ENDPOINT === undefined ? {} : { endpoint: config.S3_ENDPOINT }),
  ...(config.S3_ADMIN_ENDPOINT === undefined ? {} : { adminEndpoint: config.S3_ADMIN_ENDPOINT }),
  ...credentials(),
});
const draining = new AbortController();
const activities = createActivities({
  ...context,
  signer,
  solanaKeys,
  storage,
  requestSweeps,
  refundRemainder: openRemainderRefunds(context),
  money: openMoneyMoves(context),
  graceSeconds: config.GRACE_SECONDS,
  pollMilliseconds: config.DEPOSIT_POLL_MILLISECONDS,
  draining: draining.signal,
  publicUrl: publicUrl() ?? "http://localhost:3001",
  ...telling(),
  watchTreasury: config.WATCH_TREASURY,
  tankLevels: { lowSweeps: config.GAS_TANK_LOW_SWEEPS, emptySweeps: config.GAS_TANK_EMPTY_SWEEPS },
});

const connection = await untilTemporalAnswers(
  { logger },
  { address, connect: () => NativeConnection.connect({ address }) },
);
const shared = {
  ...longActivations(),
  connection,
  namespace,
  activities,
  shutdownGraceTime: "20 seconds",
  shutdownForceTime: "30 seconds",
  interceptors: { activity: [() => ({ inbound: failureInterceptor({ logger }) })] },
} satisfies Partial<WorkerOptions>;
const main = await Worker.create({
  ...shared,
  ...workflowSource(),
  taskQueue: MAIN_QUEUE,
  maxCachedWorkflows: CACHED_WORKFLOWS,
});
const bulk = await Worker.create({ ...shared, taskQueue: BULK_QUEUE, maxConcurrentActivityTaskExecutions: 4 });

for (const network of context.networks) await raiseWake(context.database, `watch-chain/${network.shortName}`);
const finalities = context.accessChains.chains.map(({ network }) => ({
  id: network.id,
  seconds: finalitySeconds(network),
}));
const dispatcher = startWakeDispatcher({
  ...context,
  databaseUrl: config.DATABASE_URL,
  client: temporal.client,
  subjects,
  findLaggards: async () => [
    ...(await findPaymentsInDoubt(context.database)),
    ...(await findPaymentsDueForFinality(context.database, finalities)),
    ...(await findFailedPaymentsDue(context.database, finalities)),
    ...(await findOverdueSessions(context.database)),
    ...(await findLaggards(context.database)),
  ],
});

const endingSessions = keepEndingSessions(context);

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "draining");
    draining.abort();
    for (const worker of [main, bulk]) worker.shutdown();
  });
}
logger.info({ queues: [MAIN_QUEUE, BULK_QUEUE] }, "working");
await Promise.all([main.run(), bulk.run()]);
await Promise.all([dispatcher.stop(), endingSessions.stop()]);
await connection.close();
await temporal.close();
storage.close();
await context.close();
process.exit(0);

/** Temporal's core writes through our log, and serves its metrics where a port is set. */
function telemetry(): TelemetryOptions {
  const port = config.WORKER_METRICS_PORT;
  return {
    logging: { forward: {}, filter: { core: "WARN", other: "ERROR" } },
    ...(port === undefined ? {} : { metrics: { prometheus: { bindAddress: `0.0.0.0:${port}` } } }),
  };
}

/** Solana's keys come from the same mnemonic; absent where the chain is not configured. */
async function openSolana() {
  const network = context.networks.find((candidate) => candidate.kind === "solana");
  const keystore = await readSignerKeystore(config);
  if (network === undefined) return undefined;
  if (keystore === undefined) throw new Error("SOLANA_RPC needs SIGNER_KEYSTORE_FILE: its keys are in no key service.");
  const { SOLANA_TREASURY: treasury } = config;
  const readReceipt = context.chains.find(network.id).readReceipt;
  const readPayout = (id: string) => readOpenPayout(context.database, id);
  return openSolanaKeys({
    ...keystore,
    network,
    readReceipt,
    readPayout,
    ...(treasury === undefined ? {} : { treasury }),
  });
}

function workflowSource() {
  if (config.WORKFLOW_BUNDLE !== undefined) return { workflowBundle: { codePath: config.WORKFLOW_BUNDLE } };
  return { workflowsPath: fileURLToPath(new URL("../workflows/index.ts", import.meta.url)) };
}

function credentials() {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return accessKeyId === undefined || secretAccessKey === undefined
    ? {}
    : { credentials: { accessKeyId, secretAccessKey } };
}

/** Everybody who is told, and in whose name; what is not configured is null and only recorded. */
function telling() {
  const { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secrets, SMTP_URL: smtp, MAIL_FROM: from } = config;
  const { NOTIFY_ALLOW_PRIVATE_HOSTS: allowPrivateHosts, OFFICEX_HOSTS: hosts } = config;
  return {
    listener: url === undefined || secrets === undefined ? null : { url, secrets, allowPrivateHosts },
    merchantWebhooks: { allowPrivateHosts },
    mailer: smtp === undefined || from === undefined ? null : openMailer({ url: smtp, from }),
    officexHosts: hosts.flatMap((entry) => parseAllowedHost(entry) ?? []),
    vendor: {
      name: config.VENDOR_NAME,
      publicUrl: publicUrl(),
      supportUrl: config.SUPPORT_URL ?? null,
    },
  };
}

/** Where clients reach the API; null where nobody said. */
function publicUrl(): string | null {
  const domain = config.SERVER_DOMAIN === undefined ? null : `https://${config.SERVER_DOMAIN}`;
  return config.PUBLIC_URL?.replace(/\/+$/, "") ?? domain;
}
