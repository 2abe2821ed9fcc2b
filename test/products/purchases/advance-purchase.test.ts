import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { advancePurchase } from "../../../src/products/purchases/advance-purchase.ts";
import { listEvents } from "../../../src/products/purchases/event-store.ts";
import { finishPhase } from "../../../src/products/purchases/finish-phase.ts";
import { findPurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import {
  advance,
  charge,
  eventTypes,
  exhaust,
  GRACE_SECONDS,
  lifecycleNeeds,
  pay,
  refill,
  type Sale,
  sell,
  sellUnprovisioned,
  wakes,
} from "./sales.ts";

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

describe("advancePurchase", () => {
  it("names the steps of provisioning, in order, until they are done", async () => {
    const sale = await sellUnprovisioned(app);
    const view = await advance(app, sale);
    expect(view).toMatchObject({ status: "provisioning", next: "provision", deadline: null });
    expect(view.steps.map(({ name }) => name)).toEqual(["create_bucket", "protect_bucket", "grant_access"]);
  });

  it("tells every crossing exactly once when 20 evaluations run at the same time", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.6");
    const views = await Promise.all(Array.from({ length: 20 }, () => advance(app, sale)));
    expect(new Set(views.map(({ status }) => status))).toEqual(new Set(["critical"]));
    const types = ["purchase.active", "purchase.balance_critical", "purchase.balance_low", "purchase.created"];
    expect([...(await eventTypes(app, sale))].sort()).toEqual(types);
    expect(await noticeWakes(sale)).toEqual([1, 1, 1]);
  });

  it("says with each crossing the balance it happened at and the level it fell to", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.2");
    await advance(app, sale);
    const event = (await listEvents(app.database, sale.purchaseId)).find(({ type }) => type === "purchase.balance_low");
    expect(event?.data).toEqual({ balance: "0.8", trigger: "1", epoch: 1 });
  });

  it("M07: a balance that trembles around a level 1,000 times is one crossing", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4");
    for (let round = 0; round < 20; round += 1) {
      const pairs = Array.from({ length: 50 }, () => charge(app, sale, "0.0001"));
      await Promise.all(pairs);
      await pay(app, sale, "0.005");
      if (round % 5 === 0) await advance(app, sale);
    }
    await advance(app, sale);
    expect((await eventTypes(app, sale)).filter((type) => type === "purchase.balance_low")).toHaveLength(1);
  });

  it("M07: a balance that falls and recovers 1,000 times is told each time, exactly once", async () => {
    const sale = await sell(app, "5");
    for (let round = 1; round <= 1_000; round += 1) {
      await charge(app, sale, "4.2");
      if (round % 100 === 0) await Promise.all([advance(app, sale), advance(app, sale)]);
      await refill(app, sale, "4.2");
    }
    await advance(app, sale);
    const rows: { epoch: number }[] = await app
      .database("purchase_events")
      .where({ purchase_id: sale.purchaseId, type: "purchase.balance_low" })
      .select(app.database.raw("(data->>'epoch')::int AS epoch"))
      .orderBy("epoch");
    expect(rows.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(await statusOf(sale)).toBe("active");
  });

  it("does not write old crossings again: an evaluation after 1,000 of them costs no more than a few statements", async () => {
    const [{ id }] = await app
      .database("purchase_events")
      .where("type", "purchase.balance_low")
      .groupBy("purchase_id")
      .orderByRaw("count(*) DESC")
      .select("purchase_id AS id");
    let statements = 0;
    app.database.on("query", () => {
      statements += 1;
    });
    await advance(app, { purchaseId: id });
    app.database.removeAllListeners("query");
    expect(statements).toBeLessThan(20);
  });

  it("keeps the deadline of grace however often it is asked", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.96");
    const first = await advance(app, sale);
    app.clock.offsetMs += 60_000;
    const later = await Promise.all([advance(app, sale), advance(app, sale)]);
    expect(first.status).toBe("grace");
    expect(new Set([first, ...later].map(({ deadline }) => deadline)).size).toBe(1);
    expect(Date.parse(first.deadline ?? "") - (Date.now() + app.clock.offsetMs - 60_000)).toBeLessThanOrEqual(
      GRACE_SECONDS * 1_000,
    );
  });

  it("takes the grace that was sold with the purchase before the server's own", async () => {
    const sale = await sell(app, "5");
    await app
      .owner("purchases")
      .where("id", sale.purchaseId)
      .update({ terms: app.owner.raw(`terms || '{"grace_seconds": 60}'`) });
    await charge(app, sale, "4.96");
    const { deadline } = await advance(app, sale);
    const left = Date.parse(deadline ?? "") - (Date.now() + app.clock.offsetMs);
    expect(left > 50_000 && left <= 60_000).toBe(true);
  });

  it("W08: a top-up in grace cancels the end and says so once, also after the deadline", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.96");
    await advance(app, sale);
    app.clock.offsetMs += 2 * GRACE_SECONDS * 1_000;
    await pay(app, sale, "5");
    const views = await Promise.all([advance(app, sale), advance(app, sale), advance(app, sale)]);
    expect(views.map(({ status, next, deadline }) => [status, next, deadline])).toEqual(
      Array.from({ length: 3 }, () => ["active", "wait", null]),
    );
    expect((await eventTypes(app, sale)).filter((type) => type === "purchase.recovered")).toHaveLength(1);
  });

  it("W08: terminates once when the deadline passed unpaid, and money after that does not bring it back", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await pay(app, sale, "50");
    const views = await Promise.all([advance(app, sale), advance(app, sale), advance(app, sale)]);
    expect(new Set(views.map(({ status }) => status))).toEqual(new Set(["terminating"]));
    expect(views[0]?.steps.map(({ name }) => name)).toEqual(["revoke_access", "empty_bucket", "delete_bucket"]);
    expect((await eventTypes(app, sale)).filter((type) => type === "purchase.terminating")).toHaveLength(1);
  });

  it("recovers a warning without grace quietly, and warns again at the next fall", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.2");
    expect((await advance(app, sale)).status).toBe("low");
    await pay(app, sale, "4");
    expect((await advance(app, sale)).status).toBe("active");
    await charge(app, sale, "4");
    expect((await advance(app, sale)).status).toBe("low");
    const types = await eventTypes(app, sale);
    expect(types.filter((type) => type === "purchase.balance_low")).toHaveLength(2);
    expect(types).not.toContain("purchase.recovered");
  });

  it("leaves neither event nor wake behind when its transaction fails", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.2");
    const before = await app.database("wakes").count();
    const requestSweeps = () => Promise.reject(new Error("the database went away"));
    const needs = { ...lifecycleNeeds(app), requestSweeps };
    await expect(advancePurchase(needs, { purchaseId: sale.purchaseId })).rejects.toThrow("went away");
    expect(await eventTypes(app, sale)).not.toContain("purchase.balance_low");
    expect(await app.database("wakes").count()).toEqual(before);
    expect(await statusOf(sale)).toBe("active");
  });

  it("asks for the sweep of every deposit, but not before the product is there", async () => {
    const sale = await sellUnprovisioned(app, "5");
    const [deposit] = await app.database("deposits").where("address", sale.checkout.depositAddress);
    await advance(app, sale);
    expect(await wakes(app, `sweep/${deposit.id}`)).toBe(0);
    await finishPhase(lifecycleNeeds(app), { purchaseId: sale.purchaseId, phase: "provision" });
    await advance(app, sale);
    expect(await wakes(app, `sweep/${deposit.id}`)).toBe(1);
  });

  it("remembers how far in the ledger it has looked, and never goes back", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "1");
    await advance(app, sale);
    const row = () => app.database("purchases").where("id", sale.purchaseId).first("evaluated_sequence");
    expect(await row()).toEqual({ evaluated_sequence: "2" });
  });

  it("tells operators in plain words what it waits for", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.2");
    const { details } = await advance(app, sale);
    expect(details).toContain(sale.purchaseId);
    expect(details).toMatch(/Balance \*\*0\.8 USD\*\* at \d{4}-\d\d-\d\dT[\d:.]+Z\. /);
    expect(details).toContain("low (at or below 1 USD)");
  });

  it("refuses a purchase that does not exist", async () => {
    await expect(advance(app, { purchaseId: "pur_none" })).rejects.toMatchObject({ code: "purchase_not_found" });
  });
});
