import { ApplicationFailure } from "@temporalio/common";
import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, type StagedWorkflow, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const UNSOUND = '12 transfers are NOT sound: {"drifts":[{"account":"purchase/pur_1","drift":"0.000000007"}]}.';

/** One night: the workflow on its queue, and the books' activity on the queue of long work, as in production. */
async function night(
  tendBooks: NonNullable<Fakes["tendBooks"]>,
  body: (workflow: StagedWorkflow) => Promise<void>,
): Promise<void> {
  const bulk = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: "tollkeeper-bulk",
    activities: { tendBooks },
  });
  await bulk.runUntil(() => withWorkflow({ environment, type: "reconcileLedger" }, { fakes: {} }, body));
}

describe.skipIf(temporalMissing !== undefined)("reconcileLedger", () => {
  it("ends with the findings and asks for a person where the books are not sound", async () => {
    const tend = async () => ({ sound: false, summary: UNSOUND });
    await night(tend, async (workflow) => {
      expect(await workflow.result()).toBe(UNSOUND);
      expect(await workflow.details()).toBe(UNSOUND);
      const { searchAttributes } = await workflow.describe();
      expect(searchAttributes).toMatchObject({ NeedsReview: [true], StuckReason: ["ledger_drift"] });
    });
  });

  it("ends with what it did, and asks for nobody, where they are", async () => {
    const tend = async () => ({ sound: true, summary: "12 transfers are sound." });
    await night(tend, async (workflow) => {
      expect(await workflow.result()).toBe("12 transfers are sound.");
      const { searchAttributes } = await workflow.describe();
      expect(searchAttributes.NeedsReview).toBeUndefined();
    });
  });

  it("waits for a database that is away and tends the books once it is back", async () => {
    let tries = 0;
    const tend = async () => {
      tries += 1;
      if (tries < 6) throw ApplicationFailure.create({ message: "The ledger cannot be reached.", type: "away" });
      return { sound: true, summary: "sound again" };
    };
    await night(tend, async (workflow) => {
      expect(await workflow.result()).toBe("sound again");
    });
    expect(tries).toBe(6);
  });

  it("never lets the workflow's own queue do the long work", async () => {
    const history = { scheduledOn: "" };
    await night(
      async () => ({ sound: true, summary: "sound" }),
      async (workflow) => {
        await workflow.result();
        const { events } = await workflow.fetchHistory();
        for (const { activityTaskScheduledEventAttributes: scheduled } of events ?? [])
          history.scheduledOn ||= scheduled?.taskQueue?.name ?? "";
      },
    );
    expect(history.scheduledOn).toBe("tollkeeper-bulk");
  });
});
