import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, repair, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const notice = () => ({ environment, type: "deliverNotice" });

describe.skipIf(temporalMissing !== undefined)("deliverNotice", () => {
  it("delivers the event it stands for and says what became of it", async () => {
    const told: string[] = [];
    const fakes: Fakes = {
      deliverNotice: async ({ eventId }) => {
        told.push(eventId);
        return "delivered";
      },
    };
    await withWorkflow(notice(), { fakes, id: "evt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("delivered");
      expect(await workflow.details()).toBe("The notice is delivered.");
    });
    expect(told).toEqual(["evt_1"]);
  });

  it("goes on trying while the listener refuses, with pauses that grow to an hour and not further", async () => {
    const times: number[] = [];
    const fakes: Fakes = {
      deliverNotice: async () => {
        times.push(await environment.currentTimeMs());
        if (times.length < 20) throw ApplicationFailure.create({ message: "The listener answered 503." });
        return "delivered";
      },
    };
    await withWorkflow(notice(), { fakes }, async (workflow) => {
      expect(await workflow.result()).toBe("delivered");
    });
    const pauses = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1000));
    expect(pauses[0]).toBeLessThanOrEqual(4);
    expect(Math.max(...pauses)).toBeGreaterThan(3_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(3_700);
  });

  it("parks after three days of refusals and is delivered when an operator sends it again", async () => {
    let listens = false;
    const fakes: Fakes = {
      deliverNotice: async () => {
        if (!listens)
          throw ApplicationFailure.create({ message: "The listener answered 500.", type: "notice_not_taken" });
        return "delivered";
      },
    };
    await withWorkflow(notice(), { fakes }, async (workflow) => {
      await environment.sleep("73 hours");
      await expect.poll(async () => (await workflow.state()).stuck?.step).toBe("deliver the notice");
      listens = true;
      await workflow.retryStep(repair("listener is back"));
      expect(await workflow.result()).toBe("delivered");
    });
  });

  it("parks at once where no retry can help, and names the reason", async () => {
    const fakes: Fakes = {
      deliverNotice: async () => {
        throw ApplicationFailure.nonRetryable("The address may not be called.", "outbound_address_refused");
      },
    };
    await withWorkflow(notice(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("outbound_address_refused");
      await workflow.cancel();
      await expect(workflow.result()).rejects.toThrow();
    });
  });
});
