import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findEvent, listEvents } from "../../../src/products/purchases/event-store.ts";
import { finishPhase } from "../../../src/products/purchases/finish-phase.ts";
import { findPurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { advance, eventTypes, exhaust, lifecycleNeeds, type Sale, sell, sellUnprovisioned, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function statusOf({ purchaseId }: Sale) {
  return (await findPurchase(app.database, purchaseId))?.status;
}

async function noticeWakes({ purchaseId }: Sale): Promise<readonly number[]> {
  const events = await listEvents(app.database, purchaseId);
  return Promise.all(events.filter((event) => event.notify).map((event) => wakes(app, `notice/${event.id}`)));
}

describe("finishPhase", () => {
  const finish = (sale: Sale, phase: "provision" | "terminate") =>
    finishPhase(lifecycleNeeds(app), { purchaseId: sale.purchaseId, phase });

  it("activates once, and announces it with a wake of its own", async () => {
    const sale = await sellUnprovisioned(app);
    await Promise.all([finish(sale, "provision"), finish(sale, "provision"), finish(sale, "provision")]);
    expect(await statusOf(sale)).toBe("active");
    expect(await eventTypes(app, sale)).toEqual(["purchase.created", "purchase.active"]);
    expect(await noticeWakes(sale)).toEqual([1]);
  });

  it("terminates once, with what was left", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await Promise.all([finish(sale, "terminate"), finish(sale, "terminate")]);
    const events = await listEvents(app.database, sale.purchaseId);
    const last = events.filter(({ type }) => type === "purchase.terminated");
    expect(last.map(({ data }) => data)).toEqual([{ balance: "0.04", smallest_refund: "0.1" }]);
    expect(await findPurchase(app.database, sale.purchaseId)).toMatchObject({
      status: "terminated",
      terminatedAt: expect.any(Date),
    });
    expect(await advance(app, sale)).toMatchObject({ next: "done", steps: [] });
  });

  it("changes nothing out of order", async () => {
    const sale = await sell(app, "5");
    await finish(sale, "terminate");
    expect(await statusOf(sale)).toBe("active");
    await exhaust(app, sale, "4.96");
    await finish(sale, "provision");
    expect(await statusOf(sale)).toBe("terminating");
  });

  it("writes events that can be read back by id", async () => {
    const sale = await sell(app);
    const [, active] = await listEvents(app.database, sale.purchaseId);
    expect(await findEvent(app.database, active?.id ?? "")).toEqual(active);
  });

  it("refuses a purchase that does not exist", async () => {
    const missing = finishPhase(lifecycleNeeds(app), { purchaseId: "pur_none", phase: "provision" });
    await expect(missing).rejects.toMatchObject({ code: "purchase_not_found" });
  });
});
