import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PurchaseView, UsageResult } from "../../workflows/contracts.ts";
import { startDevServer, temporalMissing } from "../support/temporal.ts";
import { type Fakes, inTurn, type StagedWorkflow, toStaged, withWorkflow } from "./workflow-stage.ts";

const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { ...WAIT, status: "terminated", next: "done", details: "Gone." };

/** 10,000 with TEST_FULL_SIZE=1: reading so long a run again is seconds of work, and on a busy machine more than the SDK allows. */
const BURST = process.env.TEST_FULL_SIZE === "1" ? 10_000 : 2_000;
const UNATTENDED = process.env.TEST_FULL_SIZE === "1" ? 8_000 : 1_500;

let environment: Awaited<ReturnType<typeof startDevServer>>;
beforeAll(async () => {
  if (temporalMissing === undefined)
    environment = await startDevServer(["limit.historyCount.suggestContinueAsNew=500"]);
}, 600_000);
afterAll(() => environment?.teardown());

const purchase = () => ({ environment, type: "purchase" });
const latest = (workflow: StagedWorkflow) => toStaged(environment.client.workflow.getHandle(workflow.workflowId));

/** Charges everything and counts how often each event came through. */
function countingMeter() {
  const charged = new Map<string, number>();
  const batches: number[] = [];
  const recordUsage: Fakes["recordUsage"] = async ({ reports }) => {
    batches.push(reports.length);
    return reports.map((report): UsageResult => {
      const eventId = idOf(report);
      if (eventId === null) return { eventId, outcome: "refused", amount: null, entryId: null, code: "invalid" };
      charged.set(eventId, (charged.get(eventId) ?? 0) + 1);
      return { eventId, outcome: "charged", amount: "1", entryId: "je_1", code: null };
    });
  };
  return { charged, batches, recordUsage };
}

/** `passed` resolves once `open` was called. */
function openGate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

function idOf(report: unknown): string | null {
  if (typeof report !== "object" || report === null || !("event_id" in report)) return null;
  return typeof report.event_id === "string" ? report.event_id : null;
}

const report = (event: number) => ({ event_id: `e-${event}`, usage_amount: "1", usage_unit: "GB" });

describe.skipIf(temporalMissing !== undefined)("usage by signal", () => {
  it(`hands on a burst of ${BURST} in batches, loses none across fresh runs, and keeps every run short`, async () => {
    const { charged, batches, recordUsage } = countingMeter();
    const fakes: Fakes = { advancePurchase: inTurn<PurchaseView>([WAIT]).next, recordUsage };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      const runs = new Set([(await workflow.describe()).runId]);
      let next = 0;
      const sendAll = async () => {
        while (next < BURST) {
          const event = next;
          next += 1;
          await latest(workflow).signal("recordUsage", report(event));
        }
      };
      await Promise.all(Array.from({ length: 12 }, sendAll));
      await expect.poll(() => charged.size, { timeout: 90_000 }).toBe(BURST);
      const described = await latest(workflow).describe();
      runs.add(described.runId);
      expect(runs.size).toBe(2);
      expect(described.historyLength).toBeLessThan(10_000);
      expect(Math.max(...batches)).toBeLessThanOrEqual(500);
      expect(batches.length).toBeLessThan(BURST / 2);
      expect(new Set(charged.values())).toEqual(new Set([1]));
      expect(await latest(workflow).query("getUsageResult", `e-${BURST - 1}`)).toMatchObject({ outcome: "charged" });
      expect(await latest(workflow).query("getUsageResult", "no-such")).toBeNull();
      await latest(workflow).terminate();
    });
  }, 300_000);

  it(`takes ${UNATTENDED} that came while no worker was there, read in one go, each once`, async () => {
    const { charged, batches, recordUsage } = countingMeter();
    const fakes: Fakes = { advancePurchase: inTurn<PurchaseView>([WAIT]).next, recordUsage };
    const unattended = async (workflow: StagedWorkflow) => {
      let next = 0;
      const sendAll = async () => {
        while (next < UNATTENDED) await workflow.signal("recordUsage", report(next++));
      };
      await Promise.all(Array.from({ length: 12 }, sendAll));
    };
    await withWorkflow(purchase(), { fakes, unattended }, async (workflow) => {
      await expect.poll(() => charged.size, { timeout: 120_000 }).toBe(UNATTENDED);
      expect(new Set(charged.values())).toEqual(new Set([1]));
      expect(batches.length).toBeLessThan(UNATTENDED / 100);
      await latest(workflow).terminate();
    });
  }, 240_000);

  it("ends a closed purchase only when everything that was signalled has its answer", async () => {
    const { charged, recordUsage } = countingMeter();
    const [held, letGo] = [openGate(), openGate()];
    const fakes: Fakes = {
      advancePurchase: inTurn<PurchaseView>([WAIT, DONE]).next,
      recordUsage: async (input) => {
        held.open();
        await letGo.passed;
        return recordUsage?.(input) ?? [];
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await workflow.signal("recordUsage", report(1));
      await held.passed;
      await workflow.signal("wake", 1);
      // It knows that it is over, and must not end: one report is being charged, and another comes.
      await expect.poll(async () => (await workflow.state()).status).toBe("terminated");
      await workflow.signal("recordUsage", report(2));
      expect((await workflow.describe()).status.name).toBe("RUNNING");
      expect(charged.size).toBe(0);
      letGo.open();
      expect(await workflow.result()).toBe("terminated");
    });
    expect(charged).toEqual(new Map([1, 2].map((event) => [`e-${event}`, 1])));
  });

  it("takes lists of up to 500 as if each report had come alone, and refuses an empty or longer one as a whole", async () => {
    const { charged, batches, recordUsage } = countingMeter();
    const fakes: Fakes = { advancePurchase: inTurn<PurchaseView>([WAIT]).next, recordUsage };
    const list = (from: number, count: number) => Array.from({ length: count }, (_, index) => report(from + index));
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      for (let from = 0; from < 10_000; from += 500) await workflow.signal("recordUsage", list(from, 500));
      await expect.poll(() => charged.size).toBe(10_000);
      expect(new Set(charged.values())).toEqual(new Set([1]));
      const asked = batches.length;
      await workflow.signal("recordUsage", []);
      await workflow.signal("recordUsage", list(20_000, 501));
      await workflow.signal("recordUsage", [report(30_000), "text"]);
      await expect.poll(() => charged.get("e-30000")).toBe(1);
      expect(charged.size).toBe(10_001);
      expect(batches.slice(asked).reduce((sum, count) => sum + count, 0)).toBe(4);
      expect((await latest(workflow).describe()).historyLength).toBeLessThan(500);
      await latest(workflow).terminate();
    });
  });

  it("is not wedged by what is no report, too large, or nothing at all", async () => {
    const seen: unknown[] = [];
    const fakes: Fakes = {
      advancePurchase: inTurn<PurchaseView>([WAIT]).next,
      recordUsage: async ({ reports }) => {
        seen.push(...reports);
        return reports.map(() => ({ eventId: null, outcome: "refused", amount: null, entryId: null, code: "invalid" }));
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await workflow.signal("recordUsage", "text");
      await workflow.signal("recordUsage", null);
      await workflow.signal("recordUsage");
      await workflow.signal("recordUsage", [[1, 2]]);
      await workflow.signal("recordUsage", { event_id: "big", metadata: { text: "x".repeat(1_500_000) } });
      await expect.poll(() => seen.length).toBe(5);
      expect(JSON.stringify(seen).length).toBeLessThan(1_000);
      expect((await workflow.state()).status).toBe("active");
      await workflow.terminate();
    });
  });

  it("keeps what cannot be charged now and tries again", async () => {
    const { charged, recordUsage } = countingMeter();
    let failures = 3;
    const fakes: Fakes = {
      advancePurchase: inTurn<PurchaseView>([WAIT]).next,
      recordUsage: async (input) => {
        failures -= 1;
        if (failures >= 0) throw new Error("the database went away");
        return recordUsage?.(input) ?? [];
      },
    };
    await withWorkflow(purchase(), { fakes }, async (workflow) => {
      await workflow.signal("recordUsage", report(1));
      await expect.poll(() => charged.size).toBe(1);
      await workflow.terminate();
    });
  });
});
