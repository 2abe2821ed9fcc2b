import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

describe.skipIf(temporalMissing !== undefined)("findStuck", () => {
  it("outlasts a database that is away for minutes, and says what it found", async () => {
    let tries = 0;
    const findStuck = async () => {
      tries += 1;
      if (tries < 12) throw ApplicationFailure.create({ message: "The database cannot be reached.", type: "away" });
      return "2 stuck, 1 of them new.";
    };
    await withWorkflow({ environment, type: "findStuck" }, { fakes: { findStuck } }, async (workflow) => {
      expect(await workflow.result()).toBe("2 stuck, 1 of them new.");
      expect(await workflow.details()).toBe("2 stuck, 1 of them new.");
    });
  });
});
