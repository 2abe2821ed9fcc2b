import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { z } from "zod";

// The yardstick in a process of its own: `tsx empty-worker.ts ADDRESS NAMESPACE QUEUE`. It serves until it is told to stop.
const activities = { doNothing: async (): Promise<void> => undefined };

/** What the yardstick's workflows call. */
export type EmptyActivities = typeof activities;

const [address, namespace, taskQueue] = z.tuple([z.string(), z.string(), z.string()]).parse(process.argv.slice(2));
Runtime.install({ logger: new DefaultLogger("ERROR") });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  activities,
  workflowsPath: fileURLToPath(new URL("empty-workflow.ts", import.meta.url)),
  // As many as our own worker keeps.
  maxCachedWorkflows: 400,
});
await worker.run();
process.exit(0);
