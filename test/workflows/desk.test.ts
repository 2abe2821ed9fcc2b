import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PurchaseView, TimelineEntry } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, inTurn, repair, withWorkflow } from "./workflow-stage.ts";

const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { status: "terminated", next: "done", steps: [], deadline: null, details: "Gone." };

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const purchase = () => ({ environment, type: "purchase" });

/** A purchase whose look at the balance fails for good until `mend` is called. */
function broken(message = "the books are closed", type = "books_closed") {
  let isBroken = true;
  let asked = 0;
  const fakes: Fakes = {
    advancePurchase: async () => {
      asked += 1;
      if (isBroken) throw ApplicationFailure.nonRetryable(message, type);
      return DONE;
    },
  };
  return {
    fakes,
    asked: () => asked,
    mend: () => {
      isBroken = false;
    },
  };
}

describe.skipIf(temporalMissing !== undefined)("a wake", () => {
  it.each([
    ["nothing at all", []],
    ["no number", ["seven"]],
    ["an object", [{ sequence: 1 }]],
    ["not a whole number", [1.5]],
    ["too much", [1, 2, 3]],
    ["the largest number there is", [Number.MAX_SAFE_INTEGER]],
  ])("that carries %s is one look at the truth, and later wakes still count", async (_what, args) => {
    const views = inTurn([WAIT, WAIT, DONE]);
    await withWorkflow(purchase(), { fakes: { advancePurchase: views.next } }, async (workflow) => {
      await expect.poll(views.asked).toBe(1);
      await workflow.signal("wake", ...args);
      await expect.poll(views.asked).toBe(2);
      await workflow.signal("wake", 3);
      expect(await workflow.result()).toBe("terminated");
    });
    expect(views.asked()).toBe(3);
  });

  it("delivered twice is looked at once", async () => {
    const views = inTurn([WAIT, WAIT, DONE]);
    await withWorkflow(purchase(), { fakes: { advancePurchase: views.next } }, async (workflow) => {
      await expect.poll(views.asked).toBe(1);
      await workflow.signal("wake", 7);
      await expect.poll(views.asked).toBe(2);
      await workflow.signal("wake", 7);
      await workflow.state();
      expect(views.asked()).toBe(2);
      await workflow.signal("wake", 8);
      await workflow.result();
    });
  });

  it("in a burst of two hundred costs a few looks, and the last of them sees the end of the burst", async () => {
    let isOver = false;
    const views = inTurn([WAIT]);
    const fakes: Fakes = { advancePurchase: async () => (isOver ? DONE : views.next()) };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      const wakes = Array.from({ length: 200 }, (_, index) => index + 1);
      for (const sequence of wakes) {
        if (sequence === 200) isOver = true;
        await workflow.signal("wake", sequence);
      }
      expect(await workflow.result()).toBe("terminated");
    });
    expect(views.asked()).toBeLessThan(100);
  });
});

describe.skipIf(temporalMissing !== undefined)("a parked workflow", () => {
  it("says the step, the reason and what to do, to programs, to people and to the search", async () => {
    const { fakes, mend } = broken();
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("books_closed");
      const { stuck } = await workflow.state();
      expect(stuck).toMatchObject({ step: "look at the balance", reason: "the books are closed" });
      expect(stuck?.nextAction).toContain("retryStep");
      expect(await workflow.details()).toContain("Needs review");
      expect((await workflow.describe()).searchAttributes).toMatchObject({
        NeedsReview: [true],
        StuckReason: ["books_closed"],
      });
      mend();
      expect(await workflow.retryStep(repair("r1"))).toMatchObject({ action: "retryStep", requestId: "r1" });
      expect(await workflow.result()).toBe("terminated");
      expect((await workflow.state()).stuck).toBeNull();
      expect(await workflow.details()).not.toContain("Needs review");
      expect((await workflow.describe()).searchAttributes).toMatchObject({ NeedsReview: [false] });
    });
  });

  it("tries again by itself every five minutes, and says only once why it cannot", async () => {
    let asked = 0;
    const fakes: Fakes = {
      advancePurchase: async () => {
        asked += 1;
        if (asked <= 3) throw ApplicationFailure.nonRetryable("not yet", "not_yet");
        return DONE;
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      expect(await workflow.result()).toBe("terminated");
      const entries = await workflow.query<readonly TimelineEntry[]>("getTimeline");
      expect(entries.map(({ text }) => text)).toEqual([
        "Stuck at look at the balance: not yet",
        "No longer stuck at look at the balance.",
        "Status is terminated.",
      ]);
      const [stuck, free] = entries.map(({ at }) => Date.parse(at));
      expect(Math.round(((free ?? 0) - (stuck ?? 0)) / 60_000)).toBe(15);
    });
  });

  it("answers a repair that is asked for twice with the same answer", async () => {
    const { fakes, mend } = broken();
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck).not.toBeNull();
      const first = await workflow.retryStep(repair("again"));
      expect(await workflow.retryStep(repair("again"))).toEqual(first);
      mend();
      await workflow.retryStep(repair("at last"));
      await workflow.result();
      expect((await workflow.timeline()).some((text) => text.startsWith("operations: retryStep"))).toBe(true);
    });
  });

  it("tries again at once at any wake", async () => {
    const { fakes, asked, mend } = broken();
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck).not.toBeNull();
      const before = asked();
      await workflow.signal("wake", 1);
      await expect.poll(asked).toBeGreaterThan(before);
      mend();
      await workflow.signal("wake", 2);
      expect(await workflow.result()).toBe("terminated");
    });
  });

  it("says in Postgres where it stands still, once, and that it goes on", async () => {
    const { fakes, mend } = broken();
    const told: unknown[] = [];
    const telling: Fakes = {
      ...fakes,
      noteParked: async (note) => void told.push(note),
      clearParked: async (cleared) => void told.push(cleared),
    };
    await withWorkflow(purchase(), { fakes: telling }, async (workflow) => {
      const subject = workflow.workflowId;
      await expect.poll(() => told.length).toBe(1);
      expect(told[0]).toMatchObject({ subject, code: "books_closed", phase: null, stepName: null });
      await workflow.signal("wake", 1);
      mend();
      await workflow.signal("wake", 2);
      await workflow.result();
      expect(told.slice(1)).toEqual([{ subject }]);
    });
  });

  it("cuts an endless reason, so that what is shown and carried stays small", async () => {
    const { fakes, mend } = broken("x".repeat(100_000), "t".repeat(5_000));
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.reason.length).toBe(500);
      mend();
      await workflow.result();
    });
  });
});

describe.skipIf(temporalMissing !== undefined)("retryStep", () => {
  it("is refused where nothing is stuck, and the workflow goes on", async () => {
    const views = inTurn([WAIT, DONE]);
    await withWorkflow(purchase(), { fakes: { advancePurchase: views.next } }, async (workflow) => {
      await expect.poll(views.asked).toBe(1);
      await expect(workflow.retryStep(repair("r"))).rejects.toMatchObject({ cause: { type: "not_stuck" } });
      await workflow.signal("wake", 1);
      expect(await workflow.result()).toBe("terminated");
    });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "retry"],
    ["no request id", { actor: "a", note: "n" }],
    ["an empty request id", { actor: "a", note: "n", requestId: "" }],
    ["a number for a text", { actor: 7, note: "n", requestId: "r" }],
    ["an endless note", { actor: "a", note: "n".repeat(501), requestId: "r" }],
  ])("with %s is refused with a reason, and the next good one is taken", async (_what, sent) => {
    const { fakes, mend } = broken();
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck).not.toBeNull();
      await expect(workflow.executeUpdate("retryStep", { args: [sent] })).rejects.toMatchObject({
        cause: { type: "invalid_repair" },
      });
      mend();
      expect(await workflow.retryStep(repair("good"))).toMatchObject({ requestId: "good" });
      expect(await workflow.result()).toBe("terminated");
    });
  });
});

describe.skipIf(temporalMissing !== undefined)("a closed workflow", () => {
  it("still answers what it was and what happened", async () => {
    await withWorkflow(purchase(), { fakes: { advancePurchase: async () => DONE } }, async (workflow) => {
      await workflow.result();
      expect(await workflow.state()).toEqual({ status: "terminated", details: "Gone.", stuck: null });
      expect(await workflow.timeline()).toEqual(["Status is terminated."]);
      expect(await workflow.details()).toBe("Gone.");
    });
  });

  it("keeps the last fifty lines of its timeline", async () => {
    const carried = {
      seen: 0,
      timeline: Array.from({ length: 50 }, (_, index) => ({ at: "2026-01-01T00:00:00Z", text: `line ${index}` })),
    };
    await withWorkflow(purchase(), { fakes: { advancePurchase: async () => DONE }, carried }, async (workflow) => {
      await workflow.result();
      const timeline = await workflow.timeline();
      expect(timeline).toHaveLength(50);
      expect(timeline.at(-1)).toBe("Status is terminated.");
      expect(timeline[0]).toBe("line 1");
    });
  });

  it("was cancelled when somebody cancelled it, though a step was stuck", async () => {
    const { fakes } = broken();
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck).not.toBeNull();
      await workflow.cancel();
      await expect(workflow.result()).rejects.toMatchObject({ cause: { name: "CancelledFailure" } });
    });
  });
});
