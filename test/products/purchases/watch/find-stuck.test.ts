import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { insertGasTankReading } from "../../../../src/integrations/chains/outgoing/gas-tank-store.ts";
import { claimSweep, markSwept } from "../../../../src/integrations/chains/sweeps/sweep-store.ts";
import { noteParked } from "../../../../src/platform/temporal/parked-workflow-store.ts";
import { raiseWake } from "../../../../src/platform/temporal/wake-store.ts";
import { findStuck, listStuck } from "../../../../src/products/purchases/watch/find-stuck.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { initiate, pay, sell, sellUnprovisioned } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(async () => {
  // Whatever a test left standing moves on, so that the next one starts from nothing stuck.
  await app.owner("wakes").update({ sent_seq: app.owner.ref("seq"), attempts: 0, last_error: null });
  await app.owner("parked_workflows").delete();
  await app.owner("purchases").update({ status: "active", status_since: app.owner.fn.now() });
  await app.owner("checkouts").update({ status: "finalized" });
  await app.owner("deposits").where({ status: "observed" }).update({ observed_at: app.owner.fn.now() });
  await findStuck(app);
});
afterAll(() => app.close());

const ago = (interval: string) => app.owner.raw("now() - ?::interval", [interval]);
const stuck = async () => {
  await findStuck(app);
  return (await listStuck(app.database, { limit: 100 })).items;
};
const alerts = async () => {
  const rows: { text: string; resolved_at: Date | null }[] = await app
    .owner("operator_alerts")
    .where({ code: "stuck" })
    .orderBy("id", "desc");
  return rows;
};

describe("what stands still past its time", () => {
  it("is a notice only while it is still being tried: without a listener, or with one that wants no more, nothing is stuck", async () => {
    const { purchaseId } = await sell(app);
    const notice = { purchase_id: purchaseId, type: "purchase.balance_low", data: "{}", notify: true };
    const attempt = { attempt: 1, duration_milliseconds: 1 };
    const outcomes = [
      { id: "evt_alone", channel: "webhook", outcome: "not_configured", next_try_at: null },
      { id: "evt_gone", channel: "webhook", outcome: "listener_gone", next_try_at: null },
      { id: "evt_mailed", channel: "email", outcome: "not_taken", next_try_at: new Date() },
      { id: "evt_tried", channel: "webhook", outcome: "not_taken", next_try_at: new Date() },
    ];
    for (const { id, ...outcome } of outcomes) {
      await app.owner("purchase_events").insert({ ...notice, id, event_key: id, occurred_at: ago("4 days") });
      await app.owner("delivery_attempts").insert({ ...attempt, event_id: id, ...outcome });
    }
    expect((await stuck()).map(({ subject, kind }) => [subject, kind])).toEqual([["notice/evt_tried", "notice"]]);
    await app.owner("purchase_events").where({ id: "evt_tried" }).update({ delivered_at: app.owner.fn.now() });
  });

  it("invariant 8: a purchase that is provisioning for eleven minutes is found with a reason and what to do, and is gone once it moves", async () => {
    const { purchaseId } = await sellUnprovisioned(app);
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    await app
      .owner("purchases")
      .where({ id: purchaseId })
      .update({ status_since: ago("9 minutes") });
    expect(await stuck()).toEqual([]);
    await app
      .owner("purchases")
      .where({ id: purchaseId })
      .update({ status_since: ago("11 minutes") });
    expect(await stuck()).toMatchObject([
      {
        subject: `purchase/${purchaseId}`,
        kind: "purchase_provisioning",
        reason: "no_progress",
        nextAction: expect.stringContaining("retryStep"),
      },
    ]);
    await app.owner("purchases").where({ id: purchaseId }).update({ status: "active" });
    expect(await stuck()).toEqual([]);
  });

  it.each([
    ["grace", { grace_ends_at: "6 minutes" }, "purchase_grace"],
    ["terminating", { status_since: "25 hours" }, "purchase_terminating"],
    ["refunding", { status_since: "61 minutes" }, "purchase_refunding"],
    ["stuck", { status_since: "61 minutes" }, "purchase_stuck"],
  ])("invariant 8: finds a purchase that stays %s too long", async (status, since, kind) => {
    const { purchaseId } = await sell(app);
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    const times = Object.fromEntries(Object.entries(since).map(([column, interval]) => [column, ago(interval)]));
    await app
      .owner("purchases")
      .where({ id: purchaseId })
      .update({ status, ...times });
    expect(await stuck()).toMatchObject([{ subject: `purchase/${purchaseId}`, kind }]);
  });

  it.each(["active", "low", "critical", "suspended", "terminated"])(
    "lets a purchase be %s for ever",
    async (status) => {
      const { purchaseId } = await sell(app);
      await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
      await app
        .owner("purchases")
        .where({ id: purchaseId })
        .update({ status, status_since: ago("900 days") });
      expect(await stuck()).toEqual([]);
    },
  );

  it("takes the reason from the parked workflow, and tells it once and not twice", async () => {
    const { purchaseId } = await sellUnprovisioned(app);
    await app
      .owner("purchases")
      .where({ id: purchaseId })
      .update({ status_since: ago("1 hour") });
    const subject = `purchase/${purchaseId}`;
    const words = {
      step: "create the bucket",
      code: "storage_denied",
      reason: "Access is denied.",
      nextAction: "Look.",
    };
    const since = new Date(Date.now() - 3_600_000);
    await noteParked(app.database, { subject, phase: null, stepName: null, ...words, since });
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    expect(await stuck()).toMatchObject([{ subject, reason: "storage_denied", detail: "Access is denied." }]);
    await noteParked(app.database, { subject: "watch-chain/x", phase: null, stepName: null, ...words, since });
    expect((await stuck()).map(({ kind }) => kind)).toEqual(["purchase_provisioning", "parked"]);
  });

  it("finds a wake nobody takes, with what Temporal said, also when it is raised again and again", async () => {
    await raiseWake(app.database, "checkout/chk_waiting");
    await app
      .owner("wakes")
      .where({ subject: "checkout/chk_waiting" })
      .update({ attempts: 12, last_error: "it is away" });
    expect(await stuck()).toMatchObject([
      { subject: "checkout/chk_waiting", kind: "wake", reason: "wake_not_sent", detail: "it is away" },
    ]);
  });

  it("finds a checkout that was paid and not moved, and one that its customer never finalized", async () => {
    const session = await initiate(app);
    await pay(app, session, "5");
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    const deposit = () => app.owner("deposits").where({ deposit_address_id: session.checkout.depositAddressId });
    await deposit().update({ confirmed_at: ago("11 minutes") });
    const subject = `checkout/${session.checkout.id}`;
    expect(await stuck()).toMatchObject([{ subject, kind: "checkout_unmoved", reason: "no_progress" }]);
    await app.owner("checkouts").where({ id: session.checkout.id }).update({ status: "paid" });
    expect(await stuck()).toEqual([]);
    await deposit().update({ confirmed_at: ago("25 hours") });
    expect(await stuck()).toMatchObject([{ subject, kind: "checkout_paid", reason: "not_finalized" }]);
  });

  it("C13: finds a sweep that waits for gas and says so", async () => {
    const session = await initiate(app);
    await pay(app, session, "5");
    const claim = { depositAddressId: session.checkout.depositAddressId, chain: "eip155:31337", destination: "0xt" };
    const sweep = await app.database.transaction((transaction) => claimSweep(transaction, claim));
    const id = sweep?.id ?? "";
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    await app.owner("checkouts").update({ status: "finalized" });
    await app
      .owner("sweeps")
      .where({ id })
      .update({ created_at: ago("61 minutes") });
    const reading = { chain: "eip155:31337", wallet: "0xabc", balanceUnits: 0n, gasPriceUnits: 1n, runways: {} };
    await insertGasTankReading(app.database, { ...reading, sweepsLeft: 0, level: "empty" });
    expect(await stuck()).toMatchObject([
      { kind: "sweep", subject: expect.stringMatching(/^sweep\/dep_/), reason: "gas_tank_empty" },
    ]);
    await markSwept(app.database, { id, hash: "0xdone" });
    expect(await stuck()).toEqual([]);
  });

  it("invariant 8: finds a refund that does not arrive", async () => {
    const session = await initiate(app);
    await pay(app, session, "5");
    const place = { deposit_address_id: session.checkout.depositAddressId };
    const deposit: { id: string; token: string } | undefined = await app.owner("deposits").where(place).first();
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    const row = {
      id: "ref_1",
      key: "k",
      part: 1,
      deposit_id: deposit?.id,
      chain: "eip155:31337",
      token: deposit?.token,
    };
    const money = { destination: "0xsender", amount_units: 5, account: "suspense/late", amount: 5_000 };
    await app.owner("refunds").insert({ ...row, ...money, created_at: ago("61 minutes") });
    expect(await stuck()).toMatchObject([{ subject: "refund/ref_1", kind: "refund", reason: "no_progress" }]);
    await app.owner("refunds").delete();
  });

  it("C05: finds an observed deposit that is never credited, with what it waits for", async () => {
    const session = await initiate(app);
    app.chain.pay({ to: session.checkout.depositAddress, units: 50_000_000_000n });
    await app.watch();
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    await app
      .owner("deposits")
      .where({ status: "observed" })
      .update({ observed_at: ago("3 hours") });
    expect(await stuck()).toMatchObject([{ kind: "deposit_observed", reason: "confirmations" }]);
  });

  it("C23: finds a chain that nobody reads any more", async () => {
    await app.owner("chain_cursors").update({ scanned_at: ago("8 hours") });
    expect(await stuck()).toMatchObject([{ subject: "watch-chain/eip155:31337", kind: "chain_unread" }]);
    await app.owner("chain_cursors").update({ scanned_at: app.owner.fn.now() });
  });
});

describe("telling operators of it", () => {
  it("is one alert for all that is new in a look, none for what is known, and closes with the last of them", async () => {
    const before = (await alerts()).length;
    for (const name of ["a", "b", "c"]) await raiseWake(app.database, `checkout/chk_${name}`);
    await app
      .owner("wakes")
      .where("subject", "like", "checkout/chk__")
      .update({ updated_at: ago("6 minutes") });
    for (let minute = 0; minute < 3; minute += 1) await findStuck(app);
    expect(await alerts()).toHaveLength(before + 1);
    expect((await alerts())[0]?.text).toMatch(/^3 stand still/);
    await app
      .owner("wakes")
      .where({ subject: "checkout/chk_a" })
      .update({ sent_seq: app.owner.ref("seq") });
    await findStuck(app);
    expect((await alerts())[0]?.resolved_at).toBeNull();
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    await findStuck(app);
    expect((await alerts())[0]?.resolved_at).not.toBeNull();
  });

  it("T06: two looks at the same time find each thing once", async () => {
    await raiseWake(app.database, "checkout/chk_twice");
    await app
      .owner("wakes")
      .where({ subject: "checkout/chk_twice" })
      .update({ updated_at: ago("6 minutes") });
    await Promise.all(Array.from({ length: 4 }, () => findStuck(app)));
    const rows: unknown[] = await app.owner("stuck_items").where({ subject: "checkout/chk_twice" });
    expect(rows).toHaveLength(1);
  });
});

describe("listStuck", () => {
  it("goes through all in pages that do not shift, and by kind", async () => {
    for (let n = 10; n < 15; n += 1) await raiseWake(app.database, `checkout/chk_p${n}`);
    await app
      .owner("wakes")
      .where("subject", "like", "checkout/chk_p%")
      .update({ updated_at: ago("6 minutes") });
    await findStuck(app);
    const first = await listStuck(app.database, { limit: 3 });
    const second = await listStuck(app.database, { limit: 3, cursor: first.nextCursor ?? "" });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([3, 2, null]);
    expect(new Set([...first.items, ...second.items].map(({ subject }) => subject)).size).toBe(5);
    expect((await listStuck(app.database, { limit: 10, kind: "sweep" })).items).toEqual([]);
  });
});
