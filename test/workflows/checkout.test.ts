import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckoutView } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, inTurn, withWorkflow } from "./workflow-stage.ts";

const UNPAID: CheckoutView = { status: "awaiting_deposit", next: "wait", deadline: null, details: "Waits for money." };
const PAID: CheckoutView = { ...UNPAID, status: "paid", details: "Paid." };
const FINALIZED: CheckoutView = { ...UNPAID, status: "finalized", next: "done", details: "Became purchase/1." };
const EXPIRED: CheckoutView = { ...UNPAID, status: "expired", next: "done", details: "Expired." };

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const checkout = () => ({ environment, type: "checkout" });

describe.skipIf(temporalMissing !== undefined)("checkout", () => {
  it("follows the money from nothing over paid to finalized, and shows each step", async () => {
    const views = inTurn([UNPAID, PAID, FINALIZED]);
    await withWorkflow(checkout(), { fakes: { reviewCheckout: views.next } }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).status).toBe("awaiting_deposit");
      await workflow.signal("wake", 1);
      await expect.poll(async () => (await workflow.state()).status).toBe("paid");
      await workflow.signal("wake", 2);
      expect(await workflow.result()).toBe("finalized");
      expect(await workflow.timeline()).toEqual([
        "Status is awaiting_deposit.",
        "Status is paid.",
        "Status is finalized.",
      ]);
    });
  });

  it("asks about the checkout it stands for and no other", async () => {
    const asked: string[] = [];
    const fakes: Fakes = {
      reviewCheckout: async ({ checkoutId }) => {
        asked.push(checkoutId);
        return FINALIZED;
      },
    };
    await withWorkflow(checkout(), { fakes, id: "chk_mine" }, async (workflow) => void (await workflow.result()));
    expect(asked).toEqual(["chk_mine"]);
  });

  it("expires at its deadline by asking the database, never by its own clock", async () => {
    const deadline = new Date((await environment.currentTimeMs()) + 3_600_000).toISOString();
    const views = inTurn([{ ...UNPAID, deadline }, EXPIRED]);
    await withWorkflow(checkout(), { fakes: { reviewCheckout: views.next } }, async (workflow) => {
      await expect
        .poll(async () => (await workflow.describe()).searchAttributes)
        .toMatchObject({ ExpiresAt: [new Date(deadline)] });
      expect(await workflow.result()).toBe("expired");
    });
    expect(views.asked()).toBeGreaterThanOrEqual(2);
  });

  it("takes money that comes in the last moment: a deadline passed with a deposit on its way is no end", async () => {
    const deadline = new Date((await environment.currentTimeMs()) + 60_000).toISOString();
    const views = inTurn([{ ...UNPAID, deadline }, { ...UNPAID, status: "observed" }, PAID]);
    await withWorkflow(checkout(), { fakes: { reviewCheckout: async () => views.next() } }, async (workflow) => {
      await expect.poll(views.asked).toBe(1);
      await environment.sleep("2 minutes");
      await expect.poll(async () => (await workflow.state()).status).toBe("observed");
      await workflow.signal("wake", 1);
      await expect.poll(async () => (await workflow.state()).status).toBe("paid");
      await workflow.cancel();
      await expect(workflow.result()).rejects.toThrow();
    });
  });

  it("looks again within a day even when nobody wakes it", async () => {
    const views = inTurn([PAID, FINALIZED]);
    await withWorkflow(checkout(), { fakes: { reviewCheckout: views.next } }, async (workflow) => {
      expect(await workflow.result()).toBe("finalized");
    });
    expect(views.asked()).toBe(2);
  });

  it("outlives a database that is away for an hour", async () => {
    let tries = 0;
    const fakes: Fakes = {
      reviewCheckout: async () => {
        tries += 1;
        if (tries < 30) throw new Error("the database is away");
        return FINALIZED;
      },
    };
    await withWorkflow(checkout(), { fakes }, async (workflow) => {
      expect(await workflow.result()).toBe("finalized");
    });
    expect(tries).toBe(30);
  });
});
