import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bought, openMeter, readRecordStatus } from "../../sandbox/demo/buyer.ts";
import { pollUntil } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { awaitRest, bookedAndHeld, type Month, openMonth, reconcile } from "./month.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
const ONE_DOLLAR = 1_000_000n;
const GRACE_SECONDS = 25;

let month: Month;
const customers: (Bought & { readonly address: string })[] = [];

beforeAll(async () => {
  if (missing === undefined) month = await openMonth({ GRACE_SECONDS: String(GRACE_SECONDS) });
}, 600_000);
afterAll(() => month?.close());

const customer = (index: number): Bought & { readonly address: string } => {
  const found = customers[index];
  if (found === undefined) throw new Error(`there is no customer ${index}`);
  return found;
};

/** Each scene builds on those before it, as days do. */
describe.skipIf(missing !== undefined)(
  `a month in a vendor's life${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    it("day 1: six customers buy; each has a product, and every deposit reaches the vendor", async () => {
      for (const units of [5n, 5n, 20n, 2n, 8n, 5n]) customers.push(await month.buy(units * ONE_DOLLAR));
      await awaitRest(month, 120);
      expect(await month.world.query("SELECT id FROM deposits WHERE status <> 'confirmed'")).toEqual([]);
    }, 400_000);

    it("day 8: a week of usage; a low balance is told once, and again only after a top-up", async () => {
      const bought = customer(0);
      const meter = openMeter(month.world.description, bought.purchaseId);
      for (const day of [1, 2, 3, 4, 5]) await meter.charge("0.9", `day-${day}`);
      expect((await meter.charge("0.9", "day-5")).balance).toBe("0.5");
      await month.pay(bought.address, 2n * ONE_DOLLAR);
      await pollUntil(
        { what: "the top-up", seconds: 60 },
        () => month.balanceOf(bought),
        (balance) => balance === "2.5",
      );
      await month.buyer.awaitStatus(bought, ["active"], 60);
      await meter.charge("1.9", "day-6");
      await month.buyer.awaitStatus(bought, ["low", "critical"], 60);
      const told = async () =>
        (await month.world.readNotices(bought.purchaseId)).filter(({ type }) => type === "purchase.balance_low");
      const notices = await pollUntil({ what: "the second low notice", seconds: 60 }, told, (list) => list.length >= 2);
      expect(new Set(notices.map(({ id }) => id)).size).toBe(2);
    }, 200_000);

    it("C06 C09: day 10: odd deposits each end in a named account, with a sentence the customer can read", async () => {
      const bought = customer(1);
      const before = await month.balanceOf(bought);
      await month.pay(bought.address, 1n);
      await month.pay(bought.address, 3n * ONE_DOLLAR, month.world.description.evm.usdt);
      await month.payNative(bought.address, 10n ** 15n);
      const deposits = await pollUntil(
        { what: "the odd deposits", seconds: 150 },
        () => month.depositsOf(bought),
        (list) => list.length >= 4 && list.every(({ status }) => status !== "observed"),
      );
      expect(deposits.map(({ note }) => note.length > 0)).not.toContain(false);
      expect(
        deposits.filter(({ account_kind }) => account_kind === "suspense").map(({ waiting_for }) => waiting_for),
      ).toContain("native-coin");
      expect(Number(await month.balanceOf(bought))).toBeGreaterThan(Number(before));
      // Below the minimum, then the rest: a late, split payment that buys all the same.
      const session = await month.buyer.initiate(S3_OFFER);
      await month.pay(session.crypto_checkout.receiving_address, 400_000n);
      const short = await pollUntil(
        { what: "the short payment", seconds: 60 },
        () => month.buyer.validate(session),
        ({ confirmed }) => confirmed === "0.4",
      );
      expect(short).toMatchObject({ success: false, status: "underpaid" });
      await month.pay(session.crypto_checkout.receiving_address, 700_000n);
      expect((await month.buyer.awaitPaid(session, 60)).confirmed).toBe("1.1");
    }, 300_000);

    it("C13: day 14: the gas tank is empty; customers get their product, sweeps wait and go on by themselves after the refill", async () => {
      const [tank] = await month.world.query<{ wallet: string }>(
        "SELECT from_address AS wallet FROM outgoing_transactions LIMIT 1",
      );
      const wallet = tank?.wallet ?? "";
      const native = await month.provider.getBalance(wallet);
      await month.world.parts.evm.fund(wallet, 0n);
      await month.trigger("watch-gas-tanks");
      customers.push(await month.buy(3n * ONE_DOLLAR));
      const last = customer(customers.length - 1);
      const unswept = () =>
        month.world.query(
          "SELECT d.id FROM deposits d LEFT JOIN sweeps s ON s.id = d.sweep_id WHERE d.address = $1 AND coalesce(s.status, 'open') = 'open'",
          [last.address],
        );
      expect(await unswept()).toHaveLength(1);
      await pollUntil(
        { what: "the operator's alert", seconds: 90 },
        () => month.world.query("SELECT id FROM operator_alerts WHERE code LIKE 'gas_tank%' AND resolved_at IS NULL"),
        (rows) => rows.length > 0,
      );
      await month.world.parts.evm.fund(wallet, native);
      await month.trigger("watch-gas-tanks");
      await pollUntil({ what: "the sweep after the refill", seconds: 400 }, unswept, (rows) => rows.length === 0);
    }, 600_000);

    it("day 17: a reorganised chain takes a credited deposit away, and the balance follows", async () => {
      const bought = customer(2);
      const before = await month.balanceOf(bought);
      // What came before is final and stays.
      await month.world.parts.evm.mine(200);
      await month.pay(bought.address, 4n * ONE_DOLLAR);
      await pollUntil(
        { what: "the credit", seconds: 60 },
        () => month.balanceOf(bought),
        (balance) => Number(balance) === Number(before) + 4,
      );
      await month.provider.send("anvil_reorg", [30, []]);
      await pollUntil(
        { what: "the credit taken back", seconds: 120 },
        () => month.balanceOf(bought),
        (balance) => balance === before,
      );
      const deposits = await month.depositsOf(bought);
      expect(deposits.filter(({ status }) => status === "reversed")).toHaveLength(1);
    }, 300_000);

    it("C05: day 19: the chain's node is dead for a while; nobody sees an error, and what was paid meanwhile counts", async () => {
      const bought = customer(2);
      const before = Number(await month.balanceOf(bought));
      await month.pay(bought.address, ONE_DOLLAR);
      month.world.freeze("evm");
      const meter = openMeter(month.world.description, bought.purchaseId);
      for (let event = 0; event < 5; event += 1) await meter.charge("0.01");
      month.world.thaw("evm");
      await pollUntil(
        { what: "the deposit", seconds: 120 },
        () => month.balanceOf(bought),
        (balance) => Number(balance) > before + 0.9,
      );
    }, 300_000);

    it("day 21: OfficeX is dead; the sale goes on, and its record is right once it is back", async () => {
      const faults = (body: object) =>
        fetch(month.world.parts.officex.faultsUrl, { method: "PUT", body: JSON.stringify(body) });
      await faults({ failNext: 10_000 });
      const bought = customer(3);
      await openMeter(month.world.description, bought.purchaseId).charge("1.85");
      await month.buyer.awaitStatus(bought, ["critical"], 60);
      await faults({});
      await pollUntil(
        { what: "the record", seconds: 200 },
        () => readRecordStatus(month.world.description, bought.officexPurchaseId ?? ""),
        (status) => status !== "PAID" && status !== "RUNNING",
      );
    }, 400_000);

    it("T01: day 23: worker, API and database are killed in the middle of sales and charges; nothing is lost or doubled", async () => {
      const sales = [1, 2].map(() => month.paid(3n * ONE_DOLLAR));
      const sessions = await Promise.all(sales);
      await month.world.worker.kill();
      const bought = await Promise.all(sessions.map((session) => month.buyer.finalize(session)));
      await month.world.worker.start();
      await month.world.query("SELECT 1");
      await month.world.crashPostgres();
      await month.world.api.kill();
      await month.world.api.start();
      for (const [index, session] of sessions.entries()) {
        const sold = bought[index];
        if (sold === undefined) throw new Error("a sale is lost");
        await pollUntil(
          { what: "the product", seconds: 150 },
          () => month.buyer.read(sold).catch(() => undefined),
          (answer) => answer?.purchase.status === "active",
        );
        customers.push({ ...sold, address: session.crypto_checkout.receiving_address });
      }
      const keys = await month.world.query(
        "SELECT checkout_id FROM purchases GROUP BY checkout_id HAVING count(*) > 1",
      );
      expect(keys).toEqual([]);
    }, 500_000);

    it("W08: day 26: a top-up in grace saves one purchase, another ends, and a third cancels and is paid back", async () => {
      const [saved, ended, cancelled] = [customer(4), customer(5), customer(0)];
      for (const bought of [saved, ended]) {
        const balance = Number(await month.balanceOf(bought));
        await openMeter(month.world.description, bought.purchaseId).charge((balance - 0.01).toFixed(6));
      }
      await Promise.all([saved, ended].map((bought) => month.buyer.awaitStatus(bought, ["grace"], 60)));
      await month.pay(saved.address, 5n * ONE_DOLLAR);
      await month.buyer.awaitStatus(saved, ["active"], 60);
      const balance = await month.balanceOf(cancelled);
      const answer = await fetch(`${month.world.description.api}/purchase/${cancelled.purchaseId}/cancel`, {
        method: "POST",
        headers: { authorization: `Bearer ${cancelled.customerKey}`, "content-type": "application/json" },
        body: JSON.stringify({ confirm: true }),
      });
      expect(answer.status).toBe(202);
      await Promise.all([ended, cancelled].map((bought) => month.buyer.awaitStatus(bought, ["terminated"], 240)));
      expect((await month.buyer.read(saved)).purchase.status).toBe("active");
      expect({ before: Number(balance) > 0, after: await month.balanceOf(cancelled) }).toEqual({
        before: true,
        after: "0",
      });
    }, 500_000);

    it("day 30: the books equal the chain to the last unit, nothing stands still, and nobody was told anything twice", async () => {
      await awaitRest(month, 240);
      const compared = await reconcile(month);
      expect(compared.filter(({ status, drift_units }) => status !== "sound" || drift_units !== "0")).toEqual([]);
      for (const [token, symbol] of [
        [month.world.description.evm.usdc, "USDC"],
        [month.world.description.evm.usdt, "USDT"],
      ] as const) {
        expect(await bookedAndHeld(month, { token, symbol })).toMatchObject({ drift: 0n });
      }
      await month.trigger("find-stuck");
      expect(
        await month.world.query(
          "SELECT purchase_id FROM purchase_events GROUP BY purchase_id, event_key HAVING count(*) > 1",
        ),
      ).toEqual([]);
      const [wallet] = await month.world.query<{ from_address: string; count: string }>(
        "SELECT from_address, count(*)::text AS count FROM outgoing_transactions WHERE status IN ('mined', 'failed') AND from_address = (SELECT wallet FROM gas_tank_readings LIMIT 1) GROUP BY from_address",
      );
      expect(await month.provider.getTransactionCount(wallet?.from_address ?? "")).toBe(Number(wallet?.count));
    }, 500_000);
  },
);
