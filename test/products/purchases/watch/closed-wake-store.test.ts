import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteClosedWakes } from "../../../../src/products/purchases/watch/closed-wake-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("deleteClosedWakes", () => {
  it("knows nothing of other kinds and of ids that are nobody's", async () => {
    for (const subject of ["purchase/pur_gone", "unheard-of/1", "purchase", "/", "sweep/dep_x"])
      await app
        .owner("wakes")
        .insert({ subject, seq: 5, sent_seq: 5, updated_at: app.owner.raw("now() - interval '1 year'") });
    expect(await deleteClosedWakes(app.database, { limit: 10 })).toBe(0);
  });
});
