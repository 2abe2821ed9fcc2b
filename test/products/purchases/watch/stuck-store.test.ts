import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STUCK_LIMITS } from "../../../../src/products/purchases/watch/stuck-limits.ts";
import {
  countStuck,
  listSettledAlerts,
  replaceStuck,
  selectOpenStuck,
  selectStuck,
} from "../../../../src/products/purchases/watch/stuck-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const item = (subject: string, reason: string) => ({
  subject,
  kind: "sweep",
  since: new Date("2026-01-01T00:00:00.000Z"),
  reason,
  detail: null,
  nextAction: "Look.",
});

describe("stuck items", () => {
  it("find nothing in an empty database, with every kind looked for", async () => {
    expect(await selectStuck(app.database, STUCK_LIMITS)).toEqual([]);
  });

  it("keep their place and take a better reason; what is gone is closed, and counted no more", async () => {
    const put = (found: readonly ReturnType<typeof item>[], alert: string) =>
      replaceStuck(app.database, { found, alert });
    expect(await put([item("sweep/a", "no_progress"), item("sweep/b", "no_progress")], "stuck/1")).toHaveLength(2);
    const found = await selectOpenStuck(app.database, { after: "", limit: 9 });
    const before = found.find(({ subject }) => subject === "sweep/a");
    expect(found).toHaveLength(2);
    expect(await put([item("sweep/a", "gas_tank_empty")], "stuck/2")).toEqual([]);
    const [after, ...rest] = await selectOpenStuck(app.database, { after: "", limit: 9 });
    expect(after).toEqual({ ...before, reason: "gas_tank_empty" });
    expect(rest).toEqual([]);
    expect(await countStuck(app.database)).toEqual([{ kind: "sweep", count: 1 }]);
  });

  it("are new again when they come back", async () => {
    await replaceStuck(app.database, { found: [], alert: "stuck/3" });
    expect(await replaceStuck(app.database, { found: [item("sweep/a", "x")], alert: "stuck/4" })).toMatchObject([
      { subject: "sweep/a" },
    ]);
    expect(await listSettledAlerts(app.database)).toEqual([]);
  });
});
