import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const notice = () => ({ environment, type: "deliverMerchantNotice" });

describe.skipIf(temporalMissing !== undefined)("deliverMerchantNotice", () => {
  it("delivers the event it stands for, however often the merchant's server fails before", async () => {
    const told: string[] = [];
    const fakes: Fakes = {
      deliverMerchantNotice: async ({ eventId }) => {
        told.push(eventId);
        if (told.length < 12) throw ApplicationFailure.create({ message: "The merchant's server answered 503." });
        return "delivered";
      },
    };
    await withWorkflow(notice(), { fakes, id: "evt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("delivered");
      expect(await workflow.details()).toBe("The notice is delivered.");
    });
    expect(told).toEqual(new Array(12).fill("evt_1"));
  });

  it("is given up after three days, written down, and is no operator's work", async () => {
    const given: unknown[] = [];
    const fakes: Fakes = {
      deliverMerchantNotice: async () => {
        throw ApplicationFailure.create({ message: "The merchant's server answered 500.", type: "notice_not_taken" });
      },
      giveUpDelivery: async (input) => {
        given.push(input);
        return "given up after three days (not_taken)";
      },
    };
    await withWorkflow(notice(), { fakes, id: "evt_2" }, async (workflow) => {
      const begun = await environment.currentTimeMs();
      expect(await workflow.result()).toContain("given up");
      expect((await environment.currentTimeMs()) - begun).toBeGreaterThan(71 * 3_600_000);
    });
    expect(given).toEqual([{ eventId: "evt_2", channel: "merchant_webhook" }]);
  });

  it("ends at once where no retry can help", async () => {
    let tries = 0;
    const fakes: Fakes = {
      deliverMerchantNotice: async () => {
        tries += 1;
        throw ApplicationFailure.nonRetryable("The address may not be called.", "outbound_address_refused");
      },
      giveUpDelivery: async () => "given up after three days (outbound_address_refused)",
    };
    await withWorkflow(notice(), { fakes }, async (workflow) => {
      expect(await workflow.result()).toContain("outbound_address_refused");
    });
    expect(tries).toBe(1);
  });
});
