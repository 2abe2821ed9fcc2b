import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { announce } from "../../../src/products/purchases/announce.ts";
import { listEvents } from "../../../src/products/purchases/event-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("announce", () => {
  it("tells one thing once, however many say it at the same time, and wakes one delivery", async () => {
    const { purchaseId } = await sell(app, "5");
    const news = { purchaseId, type: "purchase.test", key: "the-same", data: {} };
    const said = await Promise.all(
      Array.from({ length: 10 }, () => app.database.transaction((transaction) => announce(transaction, news))),
    );
    expect(said.filter(Boolean)).toHaveLength(1);
    const told = (await listEvents(app.database, purchaseId)).filter(({ type }) => type === "purchase.test");
    expect(told).toHaveLength(1);
    expect(await wakes(app, `notice/${told[0]?.id}`)).toBe(1);
  });
});
