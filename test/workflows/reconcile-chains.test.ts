import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, type StagedWorkflow, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

/** One hour: the workflow on its queue, and the comparison on the queue of long work, as in production. */
async function hour(
  reconcileChains: NonNullable<Fakes["reconcileChains"]>,
  body: (workflow: StagedWorkflow) => Promise<void>,
): Promise<void> {
  const bulk = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: "tollkeeper-bulk",
    activities: { reconcileChains },
  });
  await bulk.runUntil(() => withWorkflow({ environment, type: "reconcileChains" }, { fakes: {} }, body));
}

describe.skipIf(temporalMissing !== undefined)("reconcileChains", () => {
  it("ends with the drift by address and asks for a person", async () => {
    const summary = "base/USDC: DRIFT of 1 base units: 0xabc holds 4 base_units where 5 are booked.";
    await hour(
      async () => ({ sound: false, summary }),
      async (workflow) => {
        expect(await workflow.result()).toBe(summary);
        expect(await workflow.details()).toBe(summary);
        const { searchAttributes } = await workflow.describe();
        expect(searchAttributes).toMatchObject({ NeedsReview: [true], StuckReason: ["chain_drift"] });
      },
    );
  });

  it("asks for nobody where chain and books agree", async () => {
    await hour(
      async () => ({ sound: true, summary: "base/USDC: sound." }),
      async (workflow) => {
        expect(await workflow.result()).toBe("base/USDC: sound.");
        expect((await workflow.describe()).searchAttributes.NeedsReview).toBeUndefined();
      },
    );
  });
});
