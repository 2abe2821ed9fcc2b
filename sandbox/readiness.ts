import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import { MAIN_QUEUE } from "../src/platform/temporal/task-queues.ts";
import type { Service } from "./service.ts";

/** Waits until the API says that it is ready to serve. */
export function waitForApi(api: Service, url: string): Promise<void> {
  return waitFor(api, async () => {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
    if (!response.ok) throw new Error(`/readyz answers ${response.status}: ${(await response.text()).slice(0, 500)}`);
  });
}

/** Waits until our facilitator has looked at its chains and answers. */
export function waitForFacilitator(facilitator: Service, url: string): Promise<void> {
  return waitFor(facilitator, async () => {
    const response = await fetch(`${url}/supported`, { signal: AbortSignal.timeout(3_000) });
    if (!response.ok) throw new Error(`/supported answers ${response.status}`);
  });
}

/** Waits until a worker that came up after `since` (milliseconds of the epoch) polls the main task queue. */
export async function waitForWorker(
  worker: Service,
  temporal: { readonly address: string; readonly namespace: string; readonly since: number },
): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    await waitFor(worker, async () => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: temporal.namespace,
        taskQueue: { name: MAIN_QUEUE },
        taskQueueType: 1,
      });
      // The server remembers the pollers of an earlier start for some minutes.
      const isNew = (seconds: unknown) => Number(seconds) * 1000 >= temporal.since - 1_000;
      if (!pollers?.some((poller) => isNew(poller.lastAccessTime?.seconds))) {
        throw new Error("no worker polls the task queue");
      }
    });
  } finally {
    await connection.close();
  }
}

async function waitFor(service: Service, check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const failure = await check().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (failure === undefined) return;
    // What dies three times before it ever answered will not come up by waiting.
    if (Date.now() > deadline || service.deaths() >= 3) {
      throw new Error(`The ${service.name} is not ready (${failure}). Its last lines:\n${service.lastLines()}`);
    }
    await pause(150);
  }
}
