import { fileURLToPath } from "node:url";
import { ApplicationFailure } from "@temporalio/common";
import { Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Activities } from "../../activities/index.ts";
import type { EntityState, PurchaseView, RepairRequest } from "../../workflows/contracts.ts";
import { startTimeSkipping } from "../support/temporal.ts";

type Environment = Awaited<ReturnType<typeof startTimeSkipping>>;
type Fakes = Pick<Activities, "advancePurchase" | "runStep" | "finishPhase">;

const STEP = { name: "make", summary: "Make it", long: false };
const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { status: "terminated", next: "done", steps: [], deadline: null, details: "Gone." };

let environment: Environment;
let running = 0;

beforeAll(async () => {
  environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

/** Runs `body` while a worker with these activities serves one fresh purchase workflow. */
async function withPurchase(
  fakes: Fakes,
  body: (workflow: Awaited<ReturnType<typeof start>>) => Promise<void>,
): Promise<void> {
  running += 1;
  const taskQueue = `purchase-${running}`;
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    activities: fakes,
  });
  await worker.runUntil(async () => body(await start(taskQueue)));
}

function start(taskQueue: string) {
  return environment.client.workflow.start("purchase", {
    workflowId: `purchase/${taskQueue}`,
    taskQueue,
    args: [{ id: taskQueue }],
  });
}

function script(views: readonly PurchaseView[]): {
  readonly advance: Fakes["advancePurchase"];
  readonly asked: () => number;
} {
  let asked = 0;
  return {
    advance: async () => {
      const view = views[Math.min(asked, views.length - 1)];
      asked += 1;
      return view ?? DONE;
    },
    asked: () => asked,
  };
}

describe("purchase", () => {
  it("runs the steps of provisioning in order, then finishes the phase, then follows the balance", async () => {
    const calls: string[] = [];
    const { advance } = script([
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
    const { advance, asked } = script([WAIT, WAIT, DONE]);
    const fakes: Fakes = { advancePurchase: advance, runStep: async () => {}, finishPhase: async () => {} };
    await withPurchase(fakes, async (workflow) => {
      await workflow.signal("wake", 1);
      await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
      await workflow.signal("wake", 2);
      await workflow.signal("wake", 3);
      expect(await workflow.result()).toBe("terminated");
    });
    expect(asked()).toBe(3);
  });

  it("sleeps through grace and looks at the truth when its deadline has come", async () => {
    const deadline = new Date((await environment.currentTimeMs()) + 3 * 86_400_000).toISOString();
    const { advance, asked } = script([{ ...WAIT, status: "grace", deadline }, DONE]);
    const fakes: Fakes = { advancePurchase: advance, runStep: async () => {}, finishPhase: async () => {} };
    await withPurchase(fakes, async (workflow) => {
      expect(await workflow.result()).toBe("terminated");
    });
    expect(asked()).toBeGreaterThanOrEqual(2);
  });

  it("parks when a step can never succeed, says why, and goes on after retryStep", async () => {
    let broken = true;
    const { advance } = script([{ ...WAIT, status: "terminating", next: "terminate", steps: [STEP] }, DONE]);
    const fakes: Fakes = {
      advancePurchase: advance,
      runStep: async () => {
        if (broken) throw ApplicationFailure.nonRetryable("2 objects are locked until 2027", "object_locked");
      },
      finishPhase: async () => {},
    };
    await withPurchase(fakes, async (workflow) => {
      await expect
        .poll(async () => (await workflow.query<EntityState>("getState")).stuck?.reason, { timeout: 20_000 })
        .toBe("2 objects are locked until 2027");
      broken = false;
      const repair: RepairRequest = { actor: "ops", note: "lock removed", requestId: "r1" };
      expect(await workflow.executeUpdate<string, [RepairRequest]>("retryStep", { args: [repair] })).toBe("retrying");
      expect(await workflow.result()).toBe("terminated");
    });
  });

  it("refuses retryStep when nothing is stuck", async () => {
    const { advance } = script([WAIT, DONE]);
    const fakes: Fakes = { advancePurchase: advance, runStep: async () => {}, finishPhase: async () => {} };
    await withPurchase(fakes, async (workflow) => {
      const repair: RepairRequest = { actor: "ops", note: "", requestId: "r2" };
      await expect(workflow.executeUpdate("retryStep", { args: [repair] })).rejects.toThrow();
      await workflow.signal("wake", 1);
      expect(await workflow.result()).toBe("terminated");
    });
  });
});
