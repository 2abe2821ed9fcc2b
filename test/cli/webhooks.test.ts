import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAttempt } from "../../src/integrations/notifications/delivery-log-store.ts";
import { newWebhookSecret } from "../../src/integrations/notifications/webhook-signature.ts";
import { findEvent, listEvents, markEventDelivered } from "../../src/products/purchases/event-store.ts";
import { sell, wakes } from "../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

const CONFIGURED = newWebhookSecret();

let app: TestApp;
let eventId: string;
let purchaseId: string;
beforeAll(async () => {
  app = await startTestApp();
  purchaseId = (await sell(app, "5")).purchaseId;
  eventId = (await listEvents(app.database, purchaseId)).find(({ notify }) => notify)?.id ?? "";
  await insertAttempt(app.database, {
    eventId,
    channel: "webhook",
    attempt: 1,
    destination: "hooks.example",
    outcome: "not_taken",
    status: 503,
    detail: "The listener answered 503.",
    durationMilliseconds: 12,
    nextTryAt: new Date("2030-01-01T00:00:00Z"),
  });
});
afterAll(() => app.close());

/** Runs the command as an operator would, on this database. */
async function webhooks(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const { rows } = await app.owner.raw("SELECT current_database() AS name");
  const url = app.context.database.client.config.connection;
  const environment = {
    ...process.env,
    SECRETS_DIR: "/nonexistent",
    DATABASE_URL: typeof url === "string" ? url : String(url.connectionString ?? rows[0].name),
    TOLLKEEPER_MASTER_KEY: "5e".repeat(32),
    NOTIFY_WEBHOOK_SECRET: CONFIGURED,
  };
  const command = ["--import", "tsx", "src/cli/webhooks.ts", ...args];
  return promisify(execFile)(process.execPath, command, { env: environment }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

describe("npm run webhooks", () => {
  it("log: shows every attempt, of one purchase too, and as JSON", async () => {
    const { code, output } = await webhooks("log", "--purchase", purchaseId);
    expect(code).toBe(0);
    for (const text of [eventId, "hooks.example", "not_taken 503", "2030-01-01"]) expect(output).toContain(text);
    const { output: json } = await webhooks("--json", "log", "--channel", "webhook");
    expect(JSON.parse(json)).toMatchObject([{ eventId, outcome: "not_taken", status: 503 }]);
    expect((await webhooks("log", "--event", "evt_none")).output).toBe("Nothing was tried.\n");
  });

  it("resend: wakes the delivery of an event that was delivered, and says when there is none", async () => {
    await markEventDelivered(app.database, eventId);
    const before = await wakes(app, `notice/${eventId}`);
    expect(await webhooks("resend", eventId, "--actor", "night shift")).toMatchObject({ code: 0 });
    expect(await wakes(app, `notice/${eventId}`)).toBe(before + 1);
    expect((await findEvent(app.database, eventId))?.deliveredAt).toBeNull();
    expect((await webhooks("log", "--event", eventId, "--json")).output).toContain("night shift");
    expect(await webhooks("resend", "evt_none")).toMatchObject({ code: 1, output: "No event has this id.\n" });
  });

  it("rotate: prints a secret once, lets the configured one sign on, and list shows neither", async () => {
    const { output } = await webhooks("rotate", "--overlap-hours", "48", "--json");
    const made: { secret: string; old_secrets_retire_at: string } = JSON.parse(output);
    expect(made.secret).toMatch(/^whsec_/);
    const { output: listed } = await webhooks("list", "--json");
    expect(JSON.parse(listed)).toMatchObject({
      secrets: [{ retires_at: null }, { retires_at: made.old_secrets_retire_at }],
    });
    expect(listed).not.toContain(made.secret);
    expect(listed).not.toContain(CONFIGURED);
  });

  it("refuses what makes no sense in one line", async () => {
    for (const args of [
      ["log", "--limit", "0"],
      ["rotate", "--overlap-hours", "soon"],
      ["log", "--channel", "fax"],
    ])
      expect((await webhooks(...args)).code).not.toBe(0);
  });
});
