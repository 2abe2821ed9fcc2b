import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const email = () => ({ environment, type: "deliverEmail" });

describe.skipIf(temporalMissing !== undefined)("bestEffort", () => {
  it("gives up at once where no retry can help, and writes it down", async () => {
    let tries = 0;
    const given: string[] = [];
    const fakes: Fakes = {
      mailEvent: async () => {
        tries += 1;
        throw ApplicationFailure.nonRetryable("The address may not be called.", "outbound_address_refused");
      },
      giveUpDelivery: async ({ eventId, channel }) => {
        given.push(`${channel} of ${eventId}`);
        return "given up";
      },
    };
    await withWorkflow(email(), { fakes, id: "evt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("given up");
    });
    expect([tries, given]).toEqual([1, ["email of evt_1"]]);
  });

  it("passes a cancellation on instead of giving up", async () => {
    const given: string[] = [];
    const fakes: Fakes = {
      mailEvent: async () => {
        throw ApplicationFailure.create({ message: "not now" });
      },
      giveUpDelivery: async ({ channel }) => {
        given.push(channel);
        return "given up";
      },
    };
    await withWorkflow(email(), { fakes }, async (workflow) => {
      await workflow.cancel();
      await expect(workflow.result()).rejects.toThrow();
    });
    expect(given).toEqual([]);
  });
});
