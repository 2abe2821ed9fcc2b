import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { Logger } from "../logger.ts";

const CONNECT_MS = 10_000;
const RECONNECT_MS = 500;

/** What is heard. `onConnected` comes first and after every gap: what was told in between must be read from tables. */
export type Hearing = { readonly onNotification: (payload: string) => void; readonly onConnected: () => void };

/** A listener of one channel; `first` is the first connection, or the first failure to have one. */
export type ChannelListener = { readonly first: Promise<void>; readonly stop: () => Promise<void> };

/**
 * Hears a Postgres channel on one connection of its own, and connects again for as long as it is not stopped. Notices that fall into a
 * gap are lost, so nothing may hang on a notice alone. `channel` is a name from code.
 */
export function listenTo(
  needs: { readonly databaseUrl: string; readonly logger: Pick<Logger, "warn"> },
  input: Hearing & { readonly channel: string },
): ChannelListener {
  const stopping = new AbortController();
  let settleFirst = () => {};
  const first = new Promise<void>((resolve) => {
    settleFirst = resolve;
  });
  let letGo = () => {};
  stopping.signal.addEventListener("abort", () => letGo(), { once: true });
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const connection = new Client({
        ...{ connectionString: needs.databaseUrl, application_name: `tollkeeper-${input.channel}` },
        ...{ connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
      });
      const ended = new Promise<void>((resolve) => {
        letGo = resolve;
        connection.on("error", () => resolve());
        connection.on("end", () => resolve());
      });
      connection.on("notification", ({ payload }) => input.onNotification(payload ?? ""));
      try {
        await connection.connect();
        await connection.query(`LISTEN ${input.channel}`);
        input.onConnected();
        settleFirst();
        if (!stopping.signal.aborted) await ended;
      } catch (error) {
        needs.logger.warn({ err: error, channel: input.channel }, "cannot listen; trying again");
      }
      settleFirst();
      await connection.end().catch(() => {});
      await pause(RECONNECT_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    first,
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
