import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, repair, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const refund = () => ({ environment, type: "refundDeposit" });

/** A chain on which everything works; the first `fuel` transactions only prepare the next. */
function workingChain(fuel = 0) {
  const calls: string[] = [];
  let recorded = 0;
  const fakes = {
    prepareRefund: async ({ refundId }) => {
      calls.push(`prepare ${refundId}`);
      return { isOver: false, transactionId: `tx_${recorded}`, details: "Sending back 1 USDC." };
    },
    broadcastRefund: async ({ transactionId }) => void calls.push(`broadcast ${transactionId}`),
    isRefundMined: async () => true,
    recordRefund: async () => {
      recorded += 1;
      calls.push("record");
      return { outcome: recorded > fuel ? ("paid" as const) : ("again" as const), details: "Written down." };
    },
  } satisfies Fakes;
  return { calls, fakes };
}

describe.skipIf(temporalMissing !== undefined)("refundDeposit", () => {
  it("prepares, broadcasts, and writes down, once for the gas of the address and once for the tokens", async () => {
    const { calls, fakes } = workingChain(1);
    await withWorkflow(refund(), { fakes, id: "ref_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("Written down.");
    });
    expect(calls).toEqual(["prepare ref_1", "broadcast tx_0", "record", "prepare ref_1", "broadcast tx_1", "record"]);
  });

  it("sends nothing for one that was refused meanwhile", async () => {
    const { calls, fakes } = workingChain();
    const over: Fakes = {
      ...fakes,
      prepareRefund: async () => ({ isOver: true, transactionId: null, details: "refused" }),
    };
    await withWorkflow(refund(), { fakes: over }, async (workflow) => expect(await workflow.result()).toBe("refused"));
    expect(calls).toEqual([]);
  });

  it("parks at once for what only an operator can settle, and goes on at a repair", async () => {
    const { calls, fakes } = workingChain();
    let isConfirmed = false;
    const contract: Fakes = {
      ...fakes,
      prepareRefund: async (input) => {
        if (!isConfirmed) throw ApplicationFailure.nonRetryable("It would go to a contract.", "sender_is_contract");
        return fakes.prepareRefund(input);
      },
    };
    await withWorkflow(refund(), { fakes: contract }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("sender_is_contract");
      isConfirmed = true;
      await workflow.retryStep(repair("confirmed"));
      expect(await workflow.result()).toBe("Written down.");
    });
    expect(calls.filter((call) => call.startsWith("broadcast"))).toHaveLength(1);
  });
});
