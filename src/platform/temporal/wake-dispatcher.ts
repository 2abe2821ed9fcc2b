import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import { WorkflowExecutionAlreadyStartedError } from "@temporalio/client";
import type { Knex } from "knex";
import { Client as PostgresClient } from "pg";
import type { Logger } from "../logger.ts";
import { MAIN_QUEUE } from "./task-queues.ts";
import type { Wake } from "./wake-store.ts";
import { claimWakes, confirmWake, postponeWake, raiseWake } from "./wake-store.ts";

const BATCH = 64;
const PARALLEL = 16;
const LEASE_SECONDS = 30;
const RPC_DEADLINE_MS = 5_000;
const POLL_MS = 1_000;
const LONGEST_RETRY_SECONDS = 60;
const REPAIR_MS = 20_000;
const CONNECT_MS = 10_000;

/**
 * What a workflow id's prefix means: the workflow, whether one that came to its end may start again (one that was terminated or failed
 * always may), and what operators read about it.
 */
export type SubjectRule = { readonly workflow: string; readonly restartable: boolean; readonly summary: string };

/**
 * What the dispatcher needs. `databaseUrl` is used for one LISTEN connection of its own; `findLaggards` names workflow ids whose last
 * wake was sent but never acted on, and is asked every 20 seconds.
 */
export type DispatcherNeeds = {
  readonly database: Knex;
  readonly databaseUrl: string;
  readonly client: Client;
  readonly logger: Logger;
  readonly subjects: Readonly<Record<string, SubjectRule>>;
  readonly findLaggards: () => Promise<readonly string[]>;
};

type SendNeeds = Omit<DispatcherNeeds, "databaseUrl" | "findLaggards">;

/** A running dispatcher. */
export type WakeDispatcher = { readonly stop: () => Promise<void> };

/**
 * Turns wake rows into `signalWithStart`, the only way work reaches Temporal: a row that is committed is sent at least once, however
 * often this process dies, and a burst of wakes for one workflow is one signal. Wakes at once on NOTIFY, looks every second anyway.
 * Temporal being away only lets rows wait.
 */
export function startWakeDispatcher(needs: DispatcherNeeds): WakeDispatcher {
  const stopping = new AbortController();
  let nudge = () => {};
  const listener = listenForWakes(needs, stopping.signal, () => nudge());
  const loop = (async () => {
    let repairAt = performance.now() + REPAIR_MS;
    while (!stopping.signal.aborted) {
      if (performance.now() >= repairAt) {
        repairAt = performance.now() + REPAIR_MS;
        await wakeLaggards(needs).catch((error: unknown) => {
          needs.logger.warn({ err: error }, "laggards could not be looked for");
        });
      }
      const nudged = new Promise<void>((resolve) => {
        nudge = resolve;
      });
      const sent = await dispatchDueWakes(needs).catch((error: unknown) => {
        needs.logger.warn({ err: error }, "wakes could not be dispatched");
        return 0;
      });
      if (sent === 0)
        await Promise.race([nudged, pause(POLL_MS, undefined, { signal: stopping.signal }).catch(() => {})]);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      nudge();
      await Promise.all([loop, listener]);
    },
  };
}

/** Sends every wake that is due now, once, and returns how many were taken. One call is one round; the dispatcher repeats it. */
export async function dispatchDueWakes(needs: SendNeeds): Promise<number> {
  const wakes = await claimWakes(needs.database, { limit: BATCH, leaseSeconds: LEASE_SECONDS });
  for (let start = 0; start < wakes.length; start += PARALLEL) {
    await Promise.all(wakes.slice(start, start + PARALLEL).map((wake) => dispatch(needs, wake)));
  }
  return wakes.length;
}

/** Raises the wake of every laggard again and returns how many there were. */
export async function wakeLaggards(
  needs: Pick<DispatcherNeeds, "database" | "findLaggards" | "logger">,
): Promise<number> {
  const laggards = await needs.findLaggards();
  for (const subject of laggards) await raiseWake(needs.database, subject);
  if (laggards.length > 0)
    needs.logger.warn({ laggards: laggards.slice(0, 20) }, "woken again: nothing came of a wake");
  return laggards.length;
}

async function dispatch(needs: SendNeeds, wake: Wake): Promise<void> {
  try {
    await send(needs, wake);
    await confirmWake(needs.database, wake);
  } catch (error) {
    const retrySeconds = Math.min(2 ** Math.min(wake.attempts, 6), LONGEST_RETRY_SECONDS);
    const reason = error instanceof Error ? error.message : "unknown failure";
    needs.logger.warn(
      { subject: wake.subject, attempts: wake.attempts, retrySeconds, reason },
      "a wake could not be sent",
    );
    await postponeWake(needs.database, { wake, retrySeconds, reason });
  }
}

async function send(needs: SendNeeds, wake: Wake): Promise<void> {
  const slash = wake.subject.indexOf("/");
  const rule = needs.subjects[wake.subject.slice(0, slash)];
  if (rule === undefined) throw new Error(`no workflow is known for "${wake.subject}"`);
  const id = wake.subject.slice(slash + 1);
  try {
    await needs.client.withDeadline(Date.now() + RPC_DEADLINE_MS, () =>
      needs.client.workflow.signalWithStart(rule.workflow, {
        workflowId: wake.subject,
        taskQueue: MAIN_QUEUE,
        args: [{ id }],
        signal: "wake",
        signalArgs: [Number(wake.sequence)],
        workflowIdConflictPolicy: "USE_EXISTING",
        workflowIdReusePolicy: rule.restartable ? "ALLOW_DUPLICATE" : "ALLOW_DUPLICATE_FAILED_ONLY",
        staticSummary: rule.summary,
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // It came to its end, and what it stands for with it. One that was terminated or failed does start again, from what Postgres says.
    needs.logger.info({ subject: wake.subject }, "a wake came for a workflow that has ended");
  }
}

async function listenForWakes(needs: DispatcherNeeds, signal: AbortSignal, onWake: () => void): Promise<void> {
  let letGo = () => {};
  signal.addEventListener("abort", () => letGo(), { once: true });
  while (!signal.aborted) {
    const connection = new PostgresClient({
      connectionString: needs.databaseUrl,
      application_name: "tollkeeper-wakes",
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    const ended = new Promise<void>((resolve) => {
      connection.on("error", () => resolve());
      connection.on("end", () => resolve());
      letGo = resolve;
    });
    connection.on("notification", onWake);
    try {
      await connection.connect();
      await connection.query("LISTEN wakes");
      onWake();
      if (!signal.aborted) await ended;
    } catch (error) {
      needs.logger.warn({ err: error }, "cannot listen for wakes; looking every second instead");
    }
    await connection.end().catch(() => {});
    await pause(POLL_MS, undefined, { signal }).catch(() => {});
  }
}
