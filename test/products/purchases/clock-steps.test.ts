import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { advance, charge, sell } from "./sales.ts";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());
beforeEach(() => {
  app.clock.offsetMs = 0;
});

describe("L18: a clock that steps", () => {
  it.each([
    ["back an hour", -HOUR_MS],
    ["forward a year", YEAR_MS],
  ])("%s charges usage once, at the price and in the order it came", async (_name, step) => {
    const sale = await sell(app);
    const meter = (eventId: string) =>
      app.call(`/purchase/${sale.purchaseId}/meter-usage`, {
        key: sale.vendorKey,
        json: { event_id: eventId, usage_amount: "1", usage_unit: "x", billed_amount: "0.1" },
      });
    const first = await meter("before");
    app.clock.offsetMs = step;
    const second = await meter("after");
    const replay = await meter("before");
    expect([first.status, second.status, replay.status]).toEqual([200, 200, 200]);
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
    expect(Number(second.body.balance)).toBeCloseTo(Number(first.body.balance) - 0.1, 9);
  });

  it("back an hour during grace never brings the deletion nearer", async () => {
    const sale = await sell(app);
    await charge(app, sale, "4.99");
    const before = await advance(app, sale);
    app.clock.offsetMs = -HOUR_MS;
    const after = await advance(app, sale);
    expect([after.status, after.deadline]).toEqual(["grace", before.deadline]);
  });
});
