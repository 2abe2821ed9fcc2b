import { setTimeout as pause } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import type { Logger } from "../logger.ts";

const RETRY_MS = 2_000;

/** How to reach Temporal. */
export type TemporalSettings = { readonly address: string; readonly namespace: string };

/** A connected client and its end. */
export type TemporalClient = {
  readonly client: Client;
  readonly connection: Connection;
  readonly close: () => Promise<void>;
};

/** Connects; while nobody answers it says so every few seconds and goes on trying, so processes may start in any order. */
export async function openTemporalClient(
  needs: { readonly logger: Pick<Logger, "warn"> },
  settings: TemporalSettings,
): Promise<TemporalClient> {
  const connection = await untilTemporalAnswers(needs, {
    address: settings.address,
    connect: () => Connection.connect({ address: settings.address, connectTimeout: "10 seconds" }),
  });
  return {
    client: new Client({ connection, namespace: settings.namespace }),
    connection,
    close: () => connection.close(),
  };
}

/** Repeats `connect` until it succeeds, with one line of the log per failure: the address and the reason. */
export async function untilTemporalAnswers<Connected>(
  needs: { readonly logger: Pick<Logger, "warn"> },
  input: { readonly address: string; readonly connect: () => Promise<Connected> },
): Promise<Connected> {
  for (;;) {
    try {
      return await input.connect();
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown failure";
      needs.logger.warn(
        { address: input.address, reason, retrySeconds: RETRY_MS / 1000 },
        "Temporal does not answer; trying again",
      );
      await pause(RETRY_MS);
    }
  }
}
