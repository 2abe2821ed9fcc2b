import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Activities } from "../../activities/index.ts";
import type { PurchaseView } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { inTurn, repair, type StagedWorkflow, withWorkflow } from "./workflow-stage.ts";

type Fakes = Pick<Activities, "advancePurchase" | "runStep" | "finishPhase">;

const STEP = { name: "make", summary: "Make it", long: false };
const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { status: "terminated", next: "done", steps: [], deadline: null, details: "Gone." };

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

function withPurchase(fakes: Fakes, body: (workflow: StagedWorkflow) => Promise<void>): Promise<void> {
  return withWorkflow({ environment, type: "purchase" }, { fakes }, body);
}

describe.skipIf(temporalMissing !== undefined)("purchase", () => {
  it("runs the steps of provisioning in order, then finishes the phase, then follows the balance", async () => {
    const calls: string[] = [];
    const { next: advance } = inTurn<PurchaseView>([
      {
        ...WAIT,
        status: "provisioning",
        next: "provision",
        steps: [
          { ...STEP, name: "a" },
          { ...STEP, name: "b" },
        ],
      },
      DONE,
    ]);
    const fakes: Fakes = {
      advancePurchase: advance,
      runStep: async ({ phase, step }) => void calls.push(`${phase}:${step}`),
      finishPhase: async ({ phase }) => void calls.push(`finish:${phase}`),
    };
    await withPurchase(fakes, async (workflow) => {
      expect(await workflow.result()).toBe("terminated");
    });
    expect(calls).toEqual(["provision:a", "provision:b", "finish:provision"]);
  });

  it("asks again when it is woken, and not for a wake it has already answered", async () => {
    const { next: advance, asked } = inTurn<PurchaseView>([WAIT, WAIT, DONE]);
    const fakes: Fakes = { advancePurchase: advance, runStep: async () => {}, finishPhase: async () => {} };
    await withPurchase(fakes, async (workflow) => {
      await workflow.signal("wake", 1);
      await expect.poll(asked).toBeGreaterThanOrEqual(1);
      await workflow.signal("wake", 2);
      await workflow.signal("wake", 3);
      expect(await workflow.result()).toBe("terminated");
    });
    expect(asked()).toBe(3);
  });

  it("sleeps through grace and looks at the truth when its deadline has come", async () => {
    const deadline = new Date((await environment.currentTimeMs()) + 3 * 86_400_000).toISOString();
    const { next: advance, asked } = inTurn<PurchaseView>([{ ...WAIT, status: "grace", deadline }, DONE]);
    const fakes: Fakes = { advancePurchase: advance, runStep: async () => {}, finishPhase: async () => {} };
    await withPurchase(fakes, async (workflow) => {
      expect(await workflow.result()).toBe("terminated");
    });
    expect(asked()).toBeGreaterThanOrEqual(2);
  });

  it("parks when a step can never succeed, says why, and goes on after retryStep", async () => {
    let broken = true;
    const { next: advance } = inTurn<PurchaseView>([
      { ...WAIT, status: "terminating", next: "terminate", steps: [STEP] },
      DONE,
    ]);
    const fakes: Fakes = {
      advancePurchase: advance,
      runStep: async () => {
        if (broken) throw ApplicationFailure.nonRetryable("2 objects are locked until 2027", "object_locked");
      },
      finishPhase: async () => {},
    };
    await withPurchase(fakes, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.reason).toBe("2 objects are locked until 2027");
      broken = false;
      expect(await workflow.retryStep(repair("lock removed"))).toMatchObject({ action: "retryStep" });
      expect(await workflow.result()).toBe("terminated");
    });
  });

  it("begins its steps anew when it was stuck for so long that its run was renewed", async () => {
    const ran: string[] = [];
    const { next: advance } = inTurn<PurchaseView>([
      { ...WAIT, status: "provisioning", next: "provision", steps: [STEP] },
      DONE,
    ]);
    const fakes: Fakes = {
      advancePurchase: advance,
      runStep: async ({ step }) => void ran.push(step),
      finishPhase: async () => {},
    };
    const stuck = { step: "Make it", code: "away", reason: "away", nextAction: "", since: "2026-01-01T00:00:00Z" };
    const carried = { seen: 3, timeline: [], stuck, view: { ...WAIT, status: "provisioning" } };
    await withWorkflow({ environment, type: "purchase" }, { fakes, carried }, async (workflow) => {
      expect(await workflow.result()).toBe("terminated");
      expect((await workflow.state()).stuck).toBeNull();
    });
    expect(ran).toEqual(["make"]);
  });

  it("never runs a step of the end before the balance says so", async () => {
    const phases: string[] = [];
    const { next: advance } = inTurn<PurchaseView>([
      { ...WAIT, status: "low" },
      { ...WAIT, status: "terminating", next: "terminate", steps: [STEP] },
      DONE,
    ]);
    const fakes: Fakes = {
      advancePurchase: advance,
      runStep: async ({ phase }) => void phases.push(phase),
      finishPhase: async ({ phase }) => void phases.push(`finish ${phase}`),
    };
    await withPurchase(fakes, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).status).toBe("low");
      expect(phases).toEqual([]);
      await workflow.signal("wake", 1);
      expect(await workflow.result()).toBe("terminated");
    });
    expect(phases).toEqual(["terminate", "finish terminate"]);
  });
});
