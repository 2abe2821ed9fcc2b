import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, repair, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const payout = () => ({ environment, type: "payOut" });

/** A chain on which everything works; the first `reverted` transactions move nothing. */
function workingChain(reverted = 0) {
  const calls: string[] = [];
  let recorded = 0;
  const fakes = {
    preparePayout: async ({ payoutId }) => {
      calls.push(`prepare ${payoutId}`);
      return { isOver: false, transactionId: `tx_${recorded}`, details: "Paying 1 USDC." };
    },
    broadcastPayout: async ({ transactionId }) => void calls.push(`broadcast ${transactionId}`),
    isPayoutMined: async () => true,
    recordPayout: async () => {
      recorded += 1;
      calls.push("record");
      return { outcome: recorded > reverted ? ("paid" as const) : ("again" as const), details: "Written down." };
    },
  } satisfies Fakes;
  return { calls, fakes };
}

describe.skipIf(temporalMissing !== undefined)("payOut", () => {
  it("prepares, broadcasts, and writes down, and makes another attempt where one moved nothing", async () => {
    const { calls, fakes } = workingChain(1);
    await withWorkflow(payout(), { fakes, id: "pout_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("Written down.");
    });
    expect(calls).toEqual(["prepare pout_1", "broadcast tx_0", "record", "prepare pout_1", "broadcast tx_1", "record"]);
  });

  it("sends nothing where the tokens have moved already", async () => {
    const { calls, fakes } = workingChain();
    const over: Fakes = {
      ...fakes,
      preparePayout: async () => ({ isOver: true, transactionId: null, details: "Paid." }),
    };
    await withWorkflow(payout(), { fakes: over }, async (workflow) => expect(await workflow.result()).toBe("Paid."));
    expect(calls).toEqual([]);
  });

  it("parks at once where the settlement wallet is short, and goes on at a repair", async () => {
    const { calls, fakes } = workingChain();
    let isFunded = false;
    const short: Fakes = {
      ...fakes,
      preparePayout: async (input) => {
        if (!isFunded) throw ApplicationFailure.nonRetryable("The wallet is short.", "settlement_wallet_short");
        return fakes.preparePayout(input);
      },
    };
    await withWorkflow(payout(), { fakes: short }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("settlement_wallet_short");
      isFunded = true;
      await workflow.retryStep(repair("funded"));
      expect(await workflow.result()).toBe("Written down.");
    });
    expect(calls.filter((call) => call.startsWith("broadcast"))).toHaveLength(1);
  });

  it("takes being called off while it stands still, and ends without sending anything", async () => {
    const { calls, fakes } = workingChain();
    let isCancelled = false;
    const short: Fakes = {
      ...fakes,
      preparePayout: async () => {
        if (!isCancelled) throw ApplicationFailure.nonRetryable("The wallet is short.", "settlement_wallet_short");
        return { isOver: true, status: "cancelled", transactionId: null, details: "Called off." };
      },
      repairPayout: async ({ payoutId, request }) => {
        isCancelled = true;
        const { requestId } = repair("cancel");
        expect(request).toMatchObject({ action: "cancelPayout", requestId });
        const subject = `payout/${payoutId}`;
        return {
          requestId,
          subject,
          action: "cancelPayout",
          outcome: "Off.",
          data: {},
          actedAt: "2026-01-01T00:00:00Z",
        };
      },
    };
    await withWorkflow(payout(), { fakes: short }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("settlement_wallet_short");
      expect(await workflow.executeUpdate("cancelPayout", { args: [repair("cancel")] })).toMatchObject({
        outcome: "Off.",
      });
      expect(await workflow.result()).toBe("Called off.");
    });
    expect(calls).toEqual([]);
  });

  it("ends where it was called off after its transaction had died", async () => {
    const { fakes } = workingChain();
    const dead: Fakes = { ...fakes, recordPayout: async () => ({ outcome: "cancelled", details: "Called off." }) };
    await withWorkflow(payout(), { fakes: dead }, async (workflow) =>
      expect(await workflow.result()).toBe("Called off."),
    );
  });
});
