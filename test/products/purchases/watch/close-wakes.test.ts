import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markAlertDelivered, raiseAlert } from "../../../../src/platform/operator-alert-store.ts";
import { raiseWake } from "../../../../src/platform/temporal/wake-store.ts";
import { closeWakes } from "../../../../src/products/purchases/watch/close-wakes.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { initiate, sell, wakes } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const age = (days: number) =>
  app
    .owner("wakes")
    .update({ sent_seq: app.owner.ref("seq"), updated_at: app.owner.raw("now() - make_interval(days => ?)", [days]) });

describe("closeWakes", () => {
  it("takes out the wakes of what ended a month ago, and leaves those of what goes on", async () => {
    const open = await sell(app);
    const ended = await sell(app);
    await app.owner("purchases").where({ id: ended.purchaseId }).update({ status: "terminated" });
    const unpaid = await initiate(app);
    for (const id of ["local", "base"]) await raiseWake(app.database, `watch-chain/${id}`);
    await raiseAlert(app.database, { subject: "gas-tank/x", code: "gas_tank_low", text: "Low." });
    const alert: { id: string } | undefined = await app.owner("operator_alerts").first("id");
    await markAlertDelivered(app.database, alert?.id ?? "");
    await age(29);
    expect(await closeWakes(app)).toBe(0);
    await age(31);
    expect(await closeWakes(app)).toBeGreaterThanOrEqual(3);
    const subjects = [
      `purchase/${open.purchaseId}`,
      `purchase/${ended.purchaseId}`,
      `checkout/${open.checkout.id}`,
      `checkout/${unpaid.checkout.id}`,
      `alert/${alert?.id}`,
      "watch-chain/local",
    ];
    const left = await Promise.all(subjects.map((subject) => wakes(app, subject)));
    expect(left.map((sequence) => sequence > 0)).toEqual([true, false, false, true, false, true]);
  });

  it("takes out the wakes of deliveries, done rotations and deposits sent back, and not those of what is under way", async () => {
    const [open, done, rotating, overlapping] = [await sell(app), await sell(app), await sell(app), await sell(app)];
    const user = { generation: 2, overlap_seconds: 60, revoke_at: new Date(), revoked_at: new Date() };
    const users = [
      { ...user, purchase_id: done.purchaseId, status: "revoked" },
      { ...user, purchase_id: rotating.purchaseId, status: "wanted" },
      { ...user, purchase_id: overlapping.purchaseId, status: "retiring" },
    ];
    for (const row of users) await app.owner("bucket_users").insert({ ...row, user_name: `user-${row.purchase_id}` });
    const depositOf = async (sale: typeof open): Promise<string> => {
      const deposits = app.owner("deposits").where({ deposit_address_id: sale.checkout.depositAddressId });
      return (await deposits.first("id"))?.id ?? "";
    };
    const [unswept, sentBack] = [await depositOf(open), await depositOf(done)];
    await app
      .owner("deposits")
      .where({ id: sentBack })
      .update({ refunded_units: app.owner.ref("amount_units") });
    const kept = [
      `rotate-credentials/${rotating.purchaseId}`,
      `rotate-credentials/${overlapping.purchaseId}`,
      `sweep/${unswept}`,
    ];
    const over = [
      ...["notice", "email", "officex", "alert"].map((kind) => `${kind}/over_1`),
      ...[`rotate-credentials/${done.purchaseId}`, `sweep/${sentBack}`],
    ];
    for (const subject of [...kept, ...over]) await raiseWake(app.database, subject);
    await age(31);
    await closeWakes(app);
    const left = await Promise.all([...kept, ...over].map((subject) => wakes(app, subject)));
    expect(left.map((sequence) => sequence > 0)).toEqual([...kept.map(() => true), ...over.map(() => false)]);
  });

  it("never takes out a wake that was not sent, or whose workflow is parked", async () => {
    const unsent = await sell(app);
    const parked = await sell(app);
    await app.owner("purchases").update({ status: "terminated" });
    await age(40);
    await raiseWake(app.database, `purchase/${unsent.purchaseId}`);
    await app.owner("wakes").update({ updated_at: app.owner.raw("now() - interval '40 days'") });
    const words = { step: "x", code: "x", reason: "x", next_action: "x", since: new Date() };
    await app.owner("parked_workflows").insert({ subject: `purchase/${parked.purchaseId}`, ...words });
    await closeWakes(app);
    expect(await wakes(app, `purchase/${unsent.purchaseId}`)).toBeGreaterThan(0);
    expect(await wakes(app, `purchase/${parked.purchaseId}`)).toBeGreaterThan(0);
  });

  it("goes through more than one batch", async () => {
    await app.owner.raw(
      `INSERT INTO operator_alerts (id, subject, code, text, resolved_at, delivered_at)
       SELECT 'alt_' || n, 'many', 'many', 'x', now(), now() FROM generate_series(1, 2500) n`,
    );
    await app.owner.raw(
      "INSERT INTO wakes (subject, seq, sent_seq) SELECT 'alert/alt_' || n, 3, 3 FROM generate_series(1, 2500) n",
    );
    await age(31);
    expect(await closeWakes(app)).toBeGreaterThanOrEqual(2_500);
  });
});
