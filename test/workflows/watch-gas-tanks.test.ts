import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

describe.skipIf(temporalMissing !== undefined)("watchGasTanks", () => {
  it("outlasts a database that is away, and shows what it read", async () => {
    let tries = 0;
    const watchGasTanks = async () => {
      tries += 1;
      if (tries < 4) throw ApplicationFailure.create({ message: "The ledger cannot be reached.", type: "away" });
      return "Base: enough for 900 sweeps, ok.";
    };
    await withWorkflow({ environment, type: "watchGasTanks" }, { fakes: { watchGasTanks } }, async (workflow) => {
      expect(await workflow.result()).toBe("Base: enough for 900 sweeps, ok.");
      expect(await workflow.details()).toBe("Base: enough for 900 sweeps, ok.");
    });
  });
});
