import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const stage = () => ({ environment, type: "deliverAlert" });

describe.skipIf(temporalMissing !== undefined)("deliverAlert", () => {
  it("tries again until the operators' listener takes the alert of its own id", async () => {
    const asked: string[] = [];
    const deliverAlert = async ({ alertId }: { readonly alertId: string }) => {
      asked.push(alertId);
      if (asked.length < 8) throw ApplicationFailure.create({ message: "It is away.", type: "alert_not_taken" });
      return "delivered";
    };
    await withWorkflow(stage(), { fakes: { deliverAlert }, id: "alt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("delivered");
    });
    expect(new Set(asked)).toEqual(new Set(["alt_1"]));
    expect(asked).toHaveLength(8);
  });
});
