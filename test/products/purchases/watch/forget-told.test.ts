import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgetTold } from "../../../../src/products/purchases/watch/forget-told.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("forgetTold", () => {
  it("goes through more than one batch of what is over for 90 days, and leaves what is open or younger", async () => {
    const item = "kind, since, reason, next_action, alert, resolved_at) SELECT";
    const told = "'sweep', now() - interval '1 year', 'x', 'x', 'stuck/x'";
    await app.owner.raw(`
      INSERT INTO stuck_items (id, subject, ${item} 'old_' || n, 'sweep/' || n, ${told}, now() - interval '91 days' FROM generate_series(1, 1200) n;
      INSERT INTO stuck_items (id, subject, ${item} 'young', 'sweep/1', ${told}, now() - interval '89 days';
      INSERT INTO stuck_items (id, subject, ${item} 'open', 'sweep/1', ${told}, NULL;
      INSERT INTO operator_alerts (id, subject, code, text, resolved_at) VALUES ('alt_old', 'x', 'x', 'x', now() - interval '91 days');
      INSERT INTO delivery_attempts (event_id, channel, attempt, outcome, duration_milliseconds, attempted_at)
        VALUES ('evt_old', 'email', 1, 'delivered', 1, now() - interval '91 days')`);
    expect(await forgetTold(app)).toEqual({ attempts: 1, alerts: 1, stuck: 1_200 });
    expect(await forgetTold(app)).toEqual({ attempts: 0, alerts: 0, stuck: 0 });
    expect(await app.database("stuck_items").orderBy("id").pluck("id")).toEqual(["open", "young"]);
    await expect(app.database("stuck_items").where({ id: "open" }).delete()).rejects.toThrow(/kept for 90 days/);
  });
});
