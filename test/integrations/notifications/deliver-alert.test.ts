import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { InboxPart } from "../../../sandbox/parts/webhook-inbox.ts";
import { type AlertNeeds, deliverAlert } from "../../../src/integrations/notifications/deliver-alert.ts";
import { newWebhookSecret } from "../../../src/integrations/notifications/webhook-signature.ts";
import type { Database } from "../../../src/platform/database/pool.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { raiseAlert } from "../../../src/platform/operator-alert-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startTestInbox } from "../../support/inbox.ts";

let test: TestDatabase;
let database: Database;
let inbox: InboxPart;
beforeAll(async () => {
  [test, inbox] = await Promise.all([createTestDatabase(), startTestInbox()]);
  database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "alerts-test" });
});
afterAll(async () => {
  await database.destroy();
  await Promise.all([test.drop(), inbox.stop()]);
});

async function newAlert(subject: string): Promise<string> {
  await raiseAlert(database, { subject, code: "gas_tank_low", text: "Send ETH to 0xabc." });
  const row: { id: string } | undefined = await database("operator_alerts").where({ subject }).first("id");
  return row?.id ?? "";
}

const needs = (url: string): AlertNeeds => ({
  database,
  clock: { now: Date.now },
  masterKey: Buffer.alloc(32, 7),
  listener: { url, secrets: [newWebhookSecret()], allowPrivateHosts: true },
});
const received = async () => {
  const Messages = z.object({
    messages: z.array(z.object({ headers: z.record(z.string(), z.string()), body: z.string() })),
  });
  const { messages } = Messages.parse(await (await fetch(inbox.messagesUrl)).json());
  return messages.map(({ headers, body }) => ({ id: headers["webhook-id"], notice: JSON.parse(body) }));
};

describe("deliverAlert", () => {
  it("reaches the listener once as operator.alert, with what it is about and what to do", async () => {
    const alertId = await newAlert("gas-tank/base");
    expect(await deliverAlert(needs(inbox.url), { alertId })).toBe("delivered");
    expect(await deliverAlert(needs(inbox.url), { alertId })).toBe("delivered");
    const mine = (await received()).filter(({ id }) => id === alertId);
    expect(mine.map(({ notice }) => notice)).toMatchObject([
      { type: "operator.alert", data: { subject: "gas-tank/base", code: "gas_tank_low", text: "Send ETH to 0xabc." } },
    ]);
  });

  it("is tried again when the listener refuses, and not noted as delivered", async () => {
    const alertId = await newAlert("gas-tank/refused");
    await fetch(inbox.faultsUrl, { method: "PUT", body: JSON.stringify({ failNext: 1 }) });
    await expect(deliverAlert(needs(inbox.url), { alertId })).rejects.toMatchObject({
      code: "alert_not_taken",
      status: 503,
    });
    expect(await database("operator_alerts").where({ id: alertId }).first("delivered_at")).toEqual({
      delivered_at: null,
    });
  });

  it("is only kept where nobody listens, and nothing for an alert that is not there", async () => {
    const alertId = await newAlert("gas-tank/quiet");
    expect(await deliverAlert({ ...needs(inbox.url), listener: null }, { alertId })).toMatch(/^recorded/);
    expect(await deliverAlert(needs(inbox.url), { alertId: "alt_none" })).toBe("unknown");
  });
});
