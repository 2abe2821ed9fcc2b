import { fileURLToPath } from "node:url";
import type { Client } from "@temporalio/client";
import { inFlight } from "./in-flight.ts";
import type { SaleWorld } from "./world.ts";

const QUEUE = "bench-empty";

/** Runs sets of workflows that do nothing: one set has a workflow for each number, with so many activities. Answers sets per second. */
export type EmptyWorkflows = (input: {
  readonly activities: readonly number[];
  readonly sets: number;
  readonly inFlight: number;
}) => Promise<number>;

/** Starts the yardstick's worker: Temporal's server and its worker on this machine, with none of our code and no database of ours. */
export async function openEmptyWorkflows(world: SaleWorld): Promise<EmptyWorkflows> {
  const program = fileURLToPath(new URL("empty-worker.ts", import.meta.url));
  const { address, namespace } = world.parts.temporal;
  await world.startProgram("empty-worker", [program, address, namespace, QUEUE]);
  let started = 0;
  const run: EmptyWorkflows = async ({ activities, sets, inFlight: most }) => {
    const begin = performance.now();
    await inFlight({ count: sets, most }, async () => {
      await Promise.all(
        activities.map((count) => {
          started += 1;
          return runOne(world.temporal, { workflowId: `empty/${started}`, count });
        }),
      );
    });
    return (sets * 1000) / (performance.now() - begin);
  };
  await run({ activities: [1], sets: 20, inFlight: 10 });
  return run;
}

function runOne(client: Client, { workflowId, count }: { workflowId: string; count: number }): Promise<unknown> {
  return client.workflow.execute("empty", {
    workflowId,
    taskQueue: QUEUE,
    args: [count],
    workflowExecutionTimeout: "10 minutes",
  });
}
