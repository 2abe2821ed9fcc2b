import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

describe.skipIf(temporalMissing !== undefined)("startPayouts", () => {
  it("outlasts a database that is away, and answers how many it started", async () => {
    let tries = 0;
    const startPayouts = async () => {
      tries += 1;
      if (tries < 4) throw ApplicationFailure.create({ message: "The database cannot be reached.", type: "away" });
      return 7;
    };
    await withWorkflow({ environment, type: "startPayouts" }, { fakes: { startPayouts } }, async (workflow) => {
      expect(await workflow.result()).toBe(7);
    });
  });
});
