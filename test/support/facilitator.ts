import { randomBytes } from "node:crypto";
import { createFacilitatorApp } from "../../src/app.ts";
import type { X402Network } from "../../src/integrations/x402/networks.ts";
import type { EvmSpending } from "../../src/integrations/x402/own-facilitator/dearer-fees.ts";
import { openEvmSettlement } from "../../src/integrations/x402/own-facilitator/evm-settlement.ts";
import { openFeePayers } from "../../src/integrations/x402/own-facilitator/fee-payer-signer.ts";
import { openOwnFacilitator } from "../../src/integrations/x402/own-facilitator/own-facilitator.ts";
import { openSolanaSettlement } from "../../src/integrations/x402/own-facilitator/solana-settlement.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createMetrics } from "../../src/platform/http/metrics.ts";
import { startServer } from "../../src/platform/http/serve.ts";
import { createLogger } from "../../src/platform/logger.ts";

/** More than any test chain asks. */
const SPENDING = { mostFeeUnits: 10n ** 17n, stuckAfterSeconds: 180 };

/** A chain to settle on. */
export type TestSettlementNetwork = { readonly network: X402Network; readonly rpcUrl: string };

/** Our facilitator over HTTP in this process, with fee payers of its own, which the test has to fund. */
export type TestFacilitator = {
  readonly url: string;
  readonly feePayers: { readonly evm: string; readonly solana: string };
  readonly stop: () => Promise<void>;
};

/** Starts our own facilitator on a free port over the given chains and database. `seed` makes its fee payers; unless told, they are new. */
export async function startTestFacilitator(input: {
  readonly databaseUrl: string;
  readonly networks: readonly TestSettlementNetwork[];
  readonly seed?: Buffer;
  readonly token?: string;
  readonly confirmMs?: number;
  readonly spending?: EvmSpending;
  /** Before it listens, so that it can look at its chains with money on them. */
  readonly fund?: (feePayers: TestFacilitator["feePayers"]) => Promise<void>;
}): Promise<TestFacilitator> {
  const seed = input.seed ?? randomBytes(32);
  const payers = await openFeePayers({ evm: seed, solana: seed });
  const feePayers = { evm: payers.evm.address, solana: payers.solana.address };
  await input.fund?.(feePayers);
  const logger = createLogger({ level: "silent", name: "facilitator" });
  const database = openDatabase(input.databaseUrl, { maxConnections: 12, name: "test-facilitator" });
  const caps = { maxComputeUnits: 60_000, maxPriorityFeeMicroLamports: 50_000 };
  const chains = input.networks.map((one) =>
    one.network.kind === "evm"
      ? openEvmSettlement(
          { database, transact: (work) => database.transaction(work), account: payers.evm },
          { ...one, spending: input.spending ?? SPENDING },
        )
      : openSolanaSettlement({ database, feePayer: payers.solana }, { ...one, caps }),
  );
  const facilitator = await openOwnFacilitator(
    { database, logger },
    { chains, confirmMs: input.confirmMs ?? 20_000, lowSettlements: 0 },
  );
  const app = createFacilitatorApp({
    context: { logger, clock: systemClock, database, metrics: createMetrics({ processMetrics: false }), facilitator },
    config: { NODE_ENV: "test", ...(input.token === undefined ? {} : { FACILITATOR_TOKEN: input.token }) },
    isDraining: () => false,
  });
  const server = await startServer({ logger }, app, { host: "127.0.0.1", port: 0, requestTimeoutMs: 60_000 });
  return {
    url: server.url,
    feePayers,
    stop: async () => {
      await server.drain(1_000);
      await facilitator.stop();
      await database.destroy();
    },
  };
}
