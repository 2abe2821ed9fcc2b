import { openMeter } from "../../sandbox/demo/buyer.ts";
import { median } from "../ledger/closed-loop.ts";
import type { Shop, SoldPurchase } from "./sales.ts";
import type { SaleWorld } from "./world.ts";

/** What Temporal keeps of something: history events, their bytes, and how many activities they tell of. */
export type HistorySize = { readonly events: number; readonly bytes: number; readonly activities: number };

/** The histories of one purchase, by what they are of. */
export type PurchaseHistories = {
  readonly purchase: HistorySize;
  readonly checkout: HistorySize;
  readonly sweep: HistorySize;
  readonly notices: readonly HistorySize[];
};

/** Medians over the sampled purchases. `whole` is every workflow of one purchase together. */
export type HistoryCosts = {
  readonly sampled: number;
  readonly checkout: HistorySize;
  readonly provisioned: HistorySize;
  readonly terminated: HistorySize;
  readonly sweep: HistorySize;
  readonly notice: HistorySize;
  readonly wholeWhenProvisioned: HistorySize;
  readonly wholeWhenTerminated: HistorySize;
  readonly noticesWhenTerminated: number;
};

type Needs = { readonly world: SaleWorld; readonly shop: Shop };

/** Charges of a five dollar purchase, and what each makes of it: every notice of a life is sent. */
const RUNNING_DRY = [
  { dollars: "4.2", status: "low" },
  { dollars: "0.4", status: "critical" },
  { dollars: "0.36", status: "terminated" },
];

/** Reads the histories of purchases that were sold, then runs each dry and reads them again at the end of its life. */
export async function measureHistories(needs: Needs, sold: readonly SoldPurchase[]): Promise<HistoryCosts> {
  const provisioned = await Promise.all(sold.map((sale) => readHistories(needs.world, sale)));
  await Promise.all(sold.map((sale) => runDry(needs, sale)));
  const terminated = await Promise.all(sold.map((sale) => readHistories(needs.world, sale)));
  return {
    sampled: sold.length,
    checkout: medianSize(terminated.map(({ checkout }) => checkout)),
    provisioned: medianSize(provisioned.map(({ purchase }) => purchase)),
    terminated: medianSize(terminated.map(({ purchase }) => purchase)),
    sweep: medianSize(terminated.map(({ sweep }) => sweep)),
    notice: medianSize(terminated.flatMap(({ notices }) => notices)),
    wholeWhenProvisioned: medianSize(provisioned.map(wholeSize)),
    wholeWhenTerminated: medianSize(terminated.map(wholeSize)),
    noticesWhenTerminated: median(terminated.map(({ notices }) => notices.length)),
  };
}

/** The histories of one purchase as they are now, its notices delivered. */
export async function readHistories(world: SaleWorld, sale: SoldPurchase): Promise<PurchaseHistories> {
  const { rows } = await world.database.query<{ subject: string }>(
    `SELECT w.subject FROM purchase_events e JOIN wakes w ON w.subject IN ('notice/' || e.id, 'officex/' || e.id, 'email/' || e.id)
     WHERE e.purchase_id = $1`,
    [sale.purchaseId],
  );
  const delivered = rows.map(({ subject }) => finishedSize(world, subject));
  return {
    purchase: await readSize(world, `purchase/${sale.purchaseId}`),
    checkout: await finishedSize(world, `checkout/${sale.checkoutId}`),
    sweep: await finishedSize(world, `sweep/${sale.depositId}`),
    notices: await Promise.all(delivered),
  };
}

/** How many activities each workflow of one purchase has. */
export function activitiesOf({ purchase, checkout, sweep, notices }: PurchaseHistories): readonly number[] {
  return [purchase, checkout, sweep, ...notices].map(({ activities }) => activities);
}

async function runDry({ world, shop }: Needs, sale: SoldPurchase): Promise<void> {
  const meter = openMeter(world.description, sale.purchaseId);
  for (const { dollars, status } of RUNNING_DRY) {
    await meter.charge(dollars);
    await shop.watch.until({ address: sale.address, what: status }, (state) => state.status === status);
  }
  await world.temporal.workflow.getHandle(`purchase/${sale.purchaseId}`).result();
}

/** A workflow's wake may not have reached Temporal yet. */
async function finishedSize(world: SaleWorld, workflowId: string): Promise<HistorySize> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      await world.temporal.workflow.getHandle(workflowId).result();
      return await readSize(world, workflowId);
    } catch (error) {
      if (!(error instanceof Error && error.name === "WorkflowNotFoundError") || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function readSize(world: SaleWorld, workflowId: string): Promise<HistorySize> {
  const handle = world.temporal.workflow.getHandle(workflowId);
  const [history, { historySize = 0 }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
  const events = history.events ?? [];
  const activities = events.filter((event) => event.activityTaskScheduledEventAttributes != null).length;
  return { events: events.length, bytes: historySize, activities };
}

function wholeSize({ purchase, checkout, sweep, notices }: PurchaseHistories): HistorySize {
  const all = [purchase, checkout, sweep, ...notices];
  const sum = (of: (size: HistorySize) => number) => all.reduce((total, size) => total + of(size), 0);
  return { events: sum((size) => size.events), bytes: sum((size) => size.bytes), activities: sum((s) => s.activities) };
}

function medianSize(sizes: readonly HistorySize[]): HistorySize {
  const of = (value: (size: HistorySize) => number) => median(sizes.map(value));
  return { events: of((size) => size.events), bytes: of((size) => size.bytes), activities: of((s) => s.activities) };
}
