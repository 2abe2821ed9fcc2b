import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMerchantEvents } from "../../../../src/products/access/telling/read-events.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, tell } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("readMerchantEvents", () => {
  it("goes through every event once, page by page, newest first", async () => {
    const merchantId = await addMerchant(app.database);
    const told: string[] = [];
    for (let count = 0; count < 5; count += 1) told.unshift(await tell(app.database, { merchantId }));
    const first = await readMerchantEvents(app, { merchantId, limit: 3 });
    const rest = await readMerchantEvents(app, { merchantId, limit: 3, before: first.nextCursor ?? undefined });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(told);
    expect(rest.nextCursor).toBeNull();
  });
});
