import { z } from "zod";
import { createFacilitatorApp } from "../../../../src/app.ts";
import type { OwnFacilitator } from "../../../../src/integrations/x402/own-facilitator/own-facilitator.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createMetrics } from "../../../../src/platform/http/metrics.ts";
import { startServer } from "../../../../src/platform/http/serve.ts";
import { createLogger } from "../../../../src/platform/logger.ts";

type Reply = { readonly status: number; readonly body: unknown };

/** The facilitator's HTTP in front of functions of the test. */
export type StagedFacilitator = {
  readonly get: (path: string, token?: string) => Promise<Reply>;
  readonly post: (path: string, body: unknown) => Promise<Reply>;
  readonly stop: () => Promise<void>;
};

/** Serves it with what the test gives; whatever else is asked fails. Its database is one that nobody answers from. */
export async function stageFacilitator(given: Partial<OwnFacilitator>, token?: string): Promise<StagedFacilitator> {
  const unexpected = () => {
    throw new Error("not expected here");
  };
  const facilitator = {
    ...{
      supported: unexpected,
      verify: unexpected,
      settle: unexpected,
      stop: async () => undefined,
      wallets: () => [],
    },
    ...given,
  };
  const logger = createLogger({ level: "silent", name: "facilitator" });
  const database = openDatabase("postgres://nobody@127.0.0.1:9/none", { maxConnections: 1, name: "none" });
  const app = createFacilitatorApp({
    context: { logger, clock: systemClock, database, metrics: createMetrics({ processMetrics: false }), facilitator },
    config: { NODE_ENV: "test", ...(token === undefined ? {} : { FACILITATOR_TOKEN: token }) },
    isDraining: () => false,
  });
  const server = await startServer({ logger }, app, { host: "127.0.0.1", port: 0, requestTimeoutMs: 60_000 });
  const ask = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(`${server.url}${path}`, init);
    return { status: response.status, body: z.json().parse(await response.json()) };
  };
  return {
    get: (path, bearer) => ask(path, bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
    post: (path, body) =>
      ask(path, {
        ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      }),
    stop: async () => {
      await server.drain(1_000);
      await database.destroy();
    },
  };
}
