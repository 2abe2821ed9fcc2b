import { runInNewContext } from "node:vm";
import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { longActivations } from "../../../src/platform/temporal/long-activations.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";
import { workflowBundle } from "../../support/workflow-bundle.ts";

let environment: Awaited<ReturnType<typeof startDevServer>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startDevServer([]);
}, 600_000);
afterAll(() => environment?.teardown());

it("keeps stack traces short where workflows run, and ours as they are", () => {
  const before = Error.stackTraceLimit;
  longActivations();
  expect(runInNewContext("Error.stackTraceLimit")).toBe(3);
  expect(Error.stackTraceLimit).toBe(before);
});

describe.skipIf(temporalMissing !== undefined)("a worker", () => {
  it("takes a minute for one activation: this version of the SDK heeds what its types leave out", async () => {
    const connection = environment.nativeConnection;
    const options = { connection, taskQueue: "long-activations", workflowBundle: await workflowBundle() };
    const worker = await Worker.create({ ...options, ...longActivations() });
    expect(worker.options.isolateExecutionTimeoutMs).toBe(60_000);
    await worker.runUntil(Promise.resolve());
  });
});
