import { createFacilitatorApp } from "./app.ts";
import { type FacilitatorConfig, readFacilitatorConfig, readOrExit } from "./config.ts";
import { readKeystore } from "./context.ts";
import { evmSpending, facilitatorNetworks } from "./facilitator-networks.ts";
import { readFeePayerKeys } from "./integrations/chains/fee-payer-keystore.ts";
import { openEvmSettlement } from "./integrations/x402/own-facilitator/evm-settlement.ts";
import { openFeePayers } from "./integrations/x402/own-facilitator/fee-payer-signer.ts";
import { openOwnFacilitator } from "./integrations/x402/own-facilitator/own-facilitator.ts";
import type { Transact } from "./integrations/x402/own-facilitator/settlement-chain.ts";
import { openSolanaSettlement } from "./integrations/x402/own-facilitator/solana-settlement.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database/pool.ts";
import { createMetrics } from "./platform/http/metrics.ts";
import { startServer } from "./platform/http/serve.ts";
import { createLogger } from "./platform/logger.ts";
import { registerWalletMetrics } from "./products/facilitator/wallet-metrics.ts";

const DRAIN_MS = 25_000;

const config = readOrExit(readFacilitatorConfig);
const name = "tollkeeper-facilitator";
const logger = createLogger({ level: config.LOG_LEVEL, name });
const database = openDatabase(config.DATABASE_URL, { maxConnections: config.DATABASE_POOL_SIZE, name });
const facilitator = await openOwnFacilitator(
  { database, logger },
  {
    chains: await openSettlements(config),
    confirmMs: config.FACILITATOR_CONFIRM_SECONDS * 1_000,
    lowSettlements: config.FACILITATOR_LOW_SETTLEMENTS,
  },
);
const metrics = createMetrics({ processMetrics: true });
registerWalletMetrics({ metrics, facilitator });
let stopping = false;
const app = createFacilitatorApp({
  context: { logger, clock: systemClock, database, metrics, facilitator },
  config,
  isDraining: () => stopping,
});
const colon = config.FACILITATOR_LISTEN_ADDR.lastIndexOf(":");
const server = await startServer({ logger }, app, {
  host: config.FACILITATOR_LISTEN_ADDR.slice(0, colon).replace(/^\[|\]$/g, ""),
  port: Number(config.FACILITATOR_LISTEN_ADDR.slice(colon + 1)),
  requestTimeoutMs: 30_000,
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, "draining");
    server
      .drain(DRAIN_MS)
      .then(() => facilitator.stop())
      .then(() => database.destroy())
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        logger.error({ err: error }, "the drain failed");
        process.exit(1);
      });
  });
}

/** One settlement chain for each configured network, with the fee payer of its kind. */
async function openSettlements(settings: FacilitatorConfig) {
  const { FACILITATOR_KEYSTORE_FILE: keystore, FACILITATOR_PASSWORD_FILE: password } = settings;
  const keys = await readFeePayerKeys(await readKeystore({ keystore, password }));
  const { evm: account, solana: feePayer } = await openFeePayers(keys);
  const caps = {
    maxComputeUnits: settings.FACILITATOR_MAX_COMPUTE_UNITS,
    maxPriorityFeeMicroLamports: settings.FACILITATOR_MAX_PRIORITY_FEE,
  };
  const transact: Transact = (work) => database.transaction(work);
  const needs = { database, transact, account };
  return facilitatorNetworks(settings).map((one) =>
    one.network.kind === "evm"
      ? openEvmSettlement(needs, { ...one, spending: evmSpending(settings, one.network) })
      : openSolanaSettlement({ database, feePayer }, { ...one, caps }),
  );
}
