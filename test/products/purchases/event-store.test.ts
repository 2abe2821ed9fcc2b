import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/platform/ids.ts";
import {
  findEvent,
  findEventKeys,
  insertEvent,
  listEvents,
  markEventDelivered,
} from "../../../src/products/purchases/event-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { type Sale, sellUnprovisioned } from "./sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sellUnprovisioned(app);
});
afterAll(() => app.close());

function event(key: string, purchaseId = sale.purchaseId) {
  return { id: newId("evt"), purchaseId, type: "purchase.test", key, data: { balance: "0.1" }, notify: true };
}

describe("insertEvent", () => {
  it("adds a key once per purchase, whoever of 20 is first", async () => {
    const added = await Promise.all(Array.from({ length: 20 }, () => insertEvent(app.database, event("once"))));
    expect(added.filter(Boolean)).toHaveLength(1);
    const other = await sellUnprovisioned(app);
    expect(await insertEvent(app.database, event("once", other.purchaseId))).toBe(true);
  });

  it("is gone when its transaction is", async () => {
    const lost = event("lost");
    const failing = app.database.transaction(async (transaction) => {
      await insertEvent(transaction, lost);
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    expect(await findEvent(app.database, lost.id)).toBeNull();
  });

  it("cannot be changed or taken back with the application's own role", async () => {
    const kept = event("kept");
    await insertEvent(app.database, kept);
    const row = app.database("purchase_events").where("id", kept.id);
    await expect(row.clone().update({ type: "other" })).rejects.toMatchObject({ code: "42501" });
    await expect(row.clone().delete()).rejects.toMatchObject({ code: "42501" });
  });
});

it("tells which keys are there, of this purchase only", async () => {
  await insertEvent(app.database, event("a"));
  const other = await sellUnprovisioned(app);
  await insertEvent(app.database, event("b", other.purchaseId));
  const keys = await findEventKeys(app.database, { purchaseId: sale.purchaseId, keys: ["a", "b", "c"] });
  expect([...keys]).toEqual(["a"]);
  expect((await findEventKeys(app.database, { purchaseId: sale.purchaseId, keys: [] })).size).toBe(0);
});

it("lists a timeline oldest first and ends at 500 lines", async () => {
  const busy = await sellUnprovisioned(app);
  for (let count = 0; count < 510; count += 1) await insertEvent(app.database, event(`k${count}`, busy.purchaseId));
  const events = await listEvents(app.database, busy.purchaseId);
  expect(events).toHaveLength(500);
  expect(events.slice(0, 3).map(({ key }) => key)).toEqual(["created", "k0", "k1"]);
});

it("keeps the first delivery time", async () => {
  const told = event("told");
  await insertEvent(app.database, told);
  await markEventDelivered(app.database, told.id);
  const first = await findEvent(app.database, told.id);
  await markEventDelivered(app.database, told.id);
  expect(first?.deliveredAt).toBeInstanceOf(Date);
  expect(await findEvent(app.database, told.id)).toEqual(first);
});
