import { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const watcher = () => ({ environment, type: "watchChain" });

/** A chain that answers `most` looks; the next one lasts until its worker stops, since a watcher never ends by itself. */
function looks(
  most: number,
  look: (count: number) => string,
): { readonly fakes: Fakes; readonly counted: () => number } {
  let count = 0;
  return {
    fakes: {
      watchChain: async () => {
        count += 1;
        if (count > most) await Context.current().cancelled;
        return { details: look(count) };
      },
    },
    counted: () => count,
  };
}

describe.skipIf(temporalMissing !== undefined)("watchChain", () => {
  it("shows a chain that cannot be read, and asks it again after fifteen seconds", async () => {
    const times: number[] = [];
    const fakes: Fakes = {
      watchChain: async () => {
        times.push(await environment.currentTimeMs());
        if (times.length <= 2) throw ApplicationFailure.nonRetryable("The node is on another chain.", "wrong_chain");
        throw ApplicationFailure.nonRetryable("enough", "enough");
      },
    };
    await withWorkflow(watcher(), { fakes, id: "sepolia" }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("wrong_chain");
      await environment.sleep("40 seconds");
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("enough");
      expect((await workflow.timeline())[0]).toBe("Stuck at watch sepolia: The node is on another chain.");
      await workflow.cancel();
      await expect(workflow.result()).rejects.toThrow();
    });
    expect(Math.round(((times[1] ?? 0) - (times[0] ?? 0)) / 1000)).toBeLessThanOrEqual(35);
  });

  // The next two end with a look under way, which holds the server's clock: no test that needs it comes after them.
  it("looks again and again and shows how far it has read", async () => {
    const { fakes, counted } = looks(3, (count) => `read to block ${count}`);
    await withWorkflow(watcher(), { fakes, id: "base" }, async (workflow) => {
      await expect.poll(counted).toBe(4);
      await expect.poll(workflow.details).toBe("read to block 3");
      expect((await workflow.describe()).searchAttributes).toMatchObject({ Chain: ["base"], NeedsReview: [false] });
      await workflow.terminate();
    });
  });

  it("starts a fresh run after two hundred looks and keeps its timeline", async () => {
    const { fakes, counted } = looks(201, () => "reading");
    const carried = { seen: 0, timeline: [{ at: "2026-01-01T00:00:00Z", text: "before" }] };
    await withWorkflow(watcher(), { fakes, carried }, async (workflow) => {
      const first = (await workflow.describe()).runId;
      await expect.poll(counted).toBe(202);
      expect((await workflow.describe()).runId).not.toBe(first);
      expect(await workflow.timeline()).toEqual(["before", "Status is watching."]);
      await workflow.terminate();
    });
  }, 40_000);
});
