import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, repair, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const sweep = () => ({ environment, type: "sweepDeposit" });

/** A chain on which everything works and is mined at the `minedAt`th look; it notes what was asked of it. */
function workingChain(minedAt = 1) {
  const calls: string[] = [];
  let looks = 0;
  const fakes = {
    prepareSweep: async ({ depositId }) => {
      calls.push(`prepare ${depositId}`);
      return { sweepId: "swp_1", transactionId: "tx_1", details: "Sweeping 1 USDC." };
    },
    broadcastSweep: async ({ transactionId }) => void calls.push(`broadcast ${transactionId}`),
    isSweepMined: async () => {
      looks += 1;
      calls.push("look");
      return looks >= minedAt;
    },
    recordSweep: async ({ sweepId }) => {
      calls.push(`record ${sweepId}`);
      return { outcome: "swept" as const, details: "The sweep is swept." };
    },
  } satisfies Fakes;
  return { calls, fakes };
}

describe.skipIf(temporalMissing !== undefined)("sweepDeposit", () => {
  it("prepares, broadcasts, waits until it is mined, and writes it into the books, in this order", async () => {
    const { calls, fakes } = workingChain(2);
    await withWorkflow(sweep(), { fakes, id: "dep_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("The sweep is swept.");
      expect(await workflow.timeline()).toEqual(["Status is sweeping.", "Status is swept."]);
    });
    const round = ["broadcast tx_1", "look"];
    expect(calls).toEqual(["prepare dep_1", ...round, ...round, "record swp_1"]);
  });

  it("broadcasts nothing when the tokens have moved already", async () => {
    const { calls, fakes } = workingChain();
    const moved: Fakes = {
      ...fakes,
      prepareSweep: async () => ({ sweepId: "swp_1", transactionId: null, details: "" }),
    };
    await withWorkflow(sweep(), { fakes: moved }, async (workflow) => void (await workflow.result()));
    expect(calls).toEqual(["record swp_1"]);
  });

  it("prepares anew after a reverted transaction, whose cost was written down first", async () => {
    const { calls, fakes } = workingChain();
    let recorded = 0;
    const reverting: Fakes = {
      ...fakes,
      recordSweep: async () => {
        recorded += 1;
        calls.push("record");
        return { outcome: recorded === 1 ? ("reverted" as const) : ("swept" as const), details: `try ${recorded}` };
      },
    };
    await withWorkflow(sweep(), { fakes: reverting, id: "dep_2" }, async (workflow) => {
      expect(await workflow.result()).toBe("try 2");
    });
    const round = ["prepare dep_2", "broadcast tx_1", "look", "record"];
    expect(calls).toEqual([...round, ...round]);
  });

  it("goes on at once with the tokens when the gas of the address has arrived", async () => {
    const { calls, fakes } = workingChain();
    let recorded = 0;
    const fuelling: Fakes = {
      ...fakes,
      recordSweep: async () => {
        recorded += 1;
        return { outcome: recorded === 1 ? ("fuelled" as const) : ("swept" as const), details: `step ${recorded}` };
      },
    };
    await withWorkflow(sweep(), { fakes: fuelling, id: "dep_3" }, async (workflow) => {
      expect(await workflow.result()).toBe("step 2");
    });
    expect(calls.filter((call) => call.startsWith("prepare"))).toHaveLength(2);
  });

  it("C07: waits in words while a sweep is not worth it, and ends when the deposit is sent back", async () => {
    let asked = 0;
    const { calls, fakes } = workingChain();
    const dust: Fakes = {
      ...fakes,
      prepareSweep: async () => {
        asked += 1;
        const plan = { sweepId: "", transactionId: null, details: `look ${asked}` };
        return asked < 3 ? { ...plan, waitSeconds: 3_600 } : { ...plan, isOver: true };
      },
    };
    await withWorkflow(sweep(), { fakes: dust }, async (workflow) => {
      expect(await workflow.result()).toBe("look 3");
      expect(await workflow.timeline()).toContain("Status is waiting.");
    });
    expect(calls).toEqual([]);
  });

  it("waits an hour for a slow chain with ever fewer looks", async () => {
    const { calls, fakes } = workingChain(100);
    await withWorkflow(sweep(), { fakes }, async (workflow) => void (await workflow.result()));
    expect(calls.filter((call) => call === "look")).toHaveLength(100);
  });

  it("parks when the gas tank is empty and goes on where it stood after it was filled", async () => {
    const { calls, fakes } = workingChain();
    let isEmpty = true;
    const poor: Fakes = {
      ...fakes,
      prepareSweep: async (input) => {
        if (isEmpty) throw ApplicationFailure.nonRetryable("The gas tank is empty.", "gas_tank_low");
        return fakes.prepareSweep(input);
      },
    };
    await withWorkflow(sweep(), { fakes: poor }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("gas_tank_low");
      isEmpty = false;
      await workflow.retryStep(repair("filled"));
      expect(await workflow.result()).toBe("The sweep is swept.");
    });
    expect(calls.filter((call) => call.startsWith("broadcast"))).toHaveLength(1);
  });

  it("parks after ten minutes without a chain node, and ends by itself once the node is back", async () => {
    const { fakes } = workingChain();
    const started = await environment.currentTimeMs();
    let parked = false;
    const dark: Fakes = {
      ...fakes,
      broadcastSweep: async () => {
        if ((await environment.currentTimeMs()) < started + 1_800_000) throw new Error("no answer from the node");
      },
    };
    await withWorkflow(sweep(), { fakes: dark }, async (workflow) => {
      expect(await workflow.result()).toBe("The sweep is swept.");
      parked = (await workflow.timeline()).some((text) => text.startsWith("Stuck at broadcast the sweep"));
    });
    expect(parked).toBe(true);
  });
});
