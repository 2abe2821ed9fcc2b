import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { depositConfirmed } from "../../../src/ledger/postings/deposits.ts";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { newId } from "../../../src/platform/ids.ts";
import { findPurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { advance, charge, eventTypes, GRACE_SECONDS, refill, type Sale, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

async function outOfGrace(): Promise<Sale> {
  const sale = await sell(app, "5");
  await charge(app, sale, "4.96");
  await advance(app, sale);
  return sale;
}

async function balanceOf({ purchaseId }: Sale): Promise<string | undefined> {
  const { rows } = await app.database.raw<{ rows: { balance: string }[] }>(
    "SELECT b.balance FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = ?",
    [accounts.purchase(purchaseId)],
  );
  return rows[0]?.balance;
}

function topUp({ purchaseId }: Sale) {
  const place = { chain: "local", token: "USDC", transactionId: newId("tx"), logIndex: 0 };
  return depositConfirmed({ ...place, account: accounts.purchase(purchaseId), amount: parseDollars("5") });
}

describe("W08: a top-up in the second in which grace ends", () => {
  it("saves the purchase when it commits while termination is being decided", async () => {
    const sale = await outOfGrace();
    app.clock.offsetMs += 2 * GRACE_SECONDS * 1_000;
    const posting = await app.database.transaction();
    await app.context.ledger.postIn(posting, topUp(sale));
    const deciding = advance(app, sale);
    // The decision has read the old balance by the time it stands at the ledger's lock.
    await expect
      .poll(async () => {
        const { rows } = await app.owner.raw<{ rows: readonly unknown[] }>(
          "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()",
        );
        return rows.length;
      })
      .toBeGreaterThan(0);
    await posting.commit();
    expect(await deciding).toMatchObject({ status: "active", next: "wait" });
    expect(await eventTypes(app, sale)).not.toContain("purchase.terminating");
  });

  it("ends in one of two ways, 40 times: recovered with everything intact, or terminating with the money in the balance", async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      app.clock.offsetMs = 0;
      const sale = await outOfGrace();
      app.clock.offsetMs += 2 * GRACE_SECONDS * 1_000;
      const look = () => advance(app, sale);
      const topUp = () => refill(app, sale, "5");
      const race = round % 2 === 0 ? [topUp, look, look] : [look, topUp, look];
      await Promise.all(race.map((enter) => enter()));
      await advance(app, sale);
      expect(await balanceOf(sale)).toBe("5040000000");
      const purchase = await findPurchase(app.database, sale.purchaseId);
      const types = await eventTypes(app, sale);
      const told = types.filter((type) => type === "purchase.recovered" || type === "purchase.terminating");
      outcomes.push(purchase?.status ?? "");
      expect([purchase?.status, ...told]).toEqual(
        purchase?.status === "active" ? ["active", "purchase.recovered"] : ["terminating", "purchase.terminating"],
      );
    }
    expect(outcomes).toHaveLength(40);
  });
});

describe("reminders in grace", () => {
  const reminders = async (sale: Sale) =>
    (await eventTypes(app, sale)).filter((type) => type === "purchase.grace_reminder").length;

  it("are told exactly once each, and anew in the next grace", async () => {
    const sale = await outOfGrace();
    const first = await advance(app, sale);
    expect(Date.parse(first.lookAgainAt ?? "")).toBeLessThan(Date.parse(first.deadline ?? ""));
    app.clock.offsetMs += (GRACE_SECONDS / 2) * 1_000;
    await Promise.all([advance(app, sale), advance(app, sale), advance(app, sale)]);
    expect(await reminders(sale)).toBe(1);
    app.clock.offsetMs += GRACE_SECONDS * 410;
    const last = await advance(app, sale);
    expect([await reminders(sale), last.lookAgainAt]).toEqual([2, last.deadline]);
    await refill(app, sale, "5");
    expect((await advance(app, sale)).status).toBe("active");
    await charge(app, sale, "5");
    await advance(app, sale);
    app.clock.offsetMs += (GRACE_SECONDS / 2) * 1_000;
    await advance(app, sale);
    expect(await reminders(sale)).toBe(3);
  });
});
