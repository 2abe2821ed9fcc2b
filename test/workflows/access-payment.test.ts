import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessPaymentView } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, repair, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const stage = () => ({ environment, type: "accessPayment" });
const done: AccessPaymentView = {
  ...{ status: "settled", next: "done", deadline: null, lookAgainAt: null },
  details: "The chain has it.",
};
const open = async (): Promise<AccessPaymentView> => ({
  ...{ status: "unknown", next: "wait", deadline: null, details: "It can still come." },
  lookAgainAt: new Date((await environment.currentTimeMs()) + 60_000).toISOString(),
});

describe.skipIf(temporalMissing !== undefined)("accessPayment", () => {
  it("looks again by itself until the payment has ended", async () => {
    let looks = 0;
    const reconcilePayment = async () => {
      looks += 1;
      return looks < 4 ? open() : done;
    };
    await withWorkflow(stage(), { fakes: { reconcilePayment }, id: "apy_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("settled");
    });
    expect(looks).toBe(4);
  });

  it("says in words what it waits for, and looks at once when it is woken", async () => {
    let isOver = false;
    const reconcilePayment = async () => (isOver ? done : { ...(await open()), lookAgainAt: "2999-01-01T00:00:00Z" });
    await withWorkflow(stage(), { fakes: { reconcilePayment } }, async (workflow) => {
      await expect.poll(() => workflow.details()).toContain("It can still come.");
      expect(await workflow.state()).toMatchObject({ status: "unknown", stuck: null });
      isOver = true;
      await workflow.signal("wake", 1);
      expect(await workflow.result()).toBe("settled");
    });
  });

  it("parks where people have to look, takes their repairs, and goes on", async () => {
    let isKnown = false;
    const asked: unknown[] = [];
    const fakes: Fakes = {
      reconcilePayment: async () => {
        if (!isKnown)
          throw ApplicationFailure.nonRetryable("Neither chain nor facilitator answers.", "payment_in_doubt");
        return done;
      },
      repairPayment: async ({ paymentId, request }) => {
        asked.push(request);
        isKnown = true;
        const data = { status: "settled" };
        return {
          requestId: "r1",
          subject: `access-payment/${paymentId}`,
          action: "recordSettled",
          outcome: "ok",
          data,
          actedAt: "",
        };
      },
    };
    await withWorkflow(stage(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("payment_in_doubt");
      const request = { ...repair("found it"), transaction: "0xab" };
      expect(await workflow.executeUpdate("recordSettled", { args: [request] })).toMatchObject({ outcome: "ok" });
      expect(await workflow.result()).toBe("settled");
    });
    expect(asked).toMatchObject([{ action: "recordSettled", transaction: "0xab" }]);
  });
});
