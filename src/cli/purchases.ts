import type { z } from "zod";
import { newId } from "../platform/ids.ts";
import { callApi, type OperatorAccess } from "./operator-client.ts";
import { addSignature, listQuery, nextPageHint, operatorCommand } from "./operator-command.ts";
import {
  PurchasePage,
  PurchaseRecord,
  RepairAnswer,
  reportPurchase,
  reportPurchases,
  reportStuck,
  StuckPage,
  TimelinePage,
} from "./purchases-report.ts";

type ListOptions = {
  readonly status?: string;
  readonly stuck?: boolean;
  readonly attention?: boolean;
  readonly search?: string;
  readonly limit: string;
  readonly cursor?: string;
};

type RepairOptions = {
  readonly actor: string;
  readonly note: string;
  readonly requestId?: string;
  readonly dryRun?: boolean;
  readonly step?: string;
  readonly deposit?: string;
  readonly until?: string;
  readonly confirm?: string;
  readonly amount?: string;
  readonly refund?: string;
  readonly purchase?: string;
};

const MOST_LINES = 2_000;

// npm run purchases -- list | show ID | repair ID ACTION. Speaks to the API as the operator; holds no other access.
const { program, readAccess, tell, announce, run } = operatorCommand("purchases", "Look at purchases and repair them.");

program
  .command("list")
  .description("Purchases, newest first.")
  .option("--status <status>", "only those in this status")
  .option("--stuck", "what stands still past its time: purchases, sweeps, notices")
  .option("--attention", "only those that need somebody")
  .option("--search <text>", "an id, or the beginning of an id, organisation, user or e-mail address")
  .option("--limit <number>", "how many", "50")
  .option("--cursor <cursor>", "continue the page before")
  .action(list);
program
  .command("show")
  .argument("<id>", "a purchase id")
  .description("One purchase whole, with what happened to it.")
  .action(show);
addSignature(program.command("repair"))
  .argument("<id>", "a purchase id, or a deposit id: dep_...")
  .argument(
    "<action>",
    "retryStep, skipStep, reassignDeposit, extendGrace, terminateNow, refund, resumeSweep, confirmRefund or refuseRefund",
  )
  .option("--dry-run", "say what would happen and change nothing")
  .option("--step <name>", "skipStep: the step that is stuck")
  .option("--deposit <id>", "reassignDeposit, resumeSweep, refund: a deposit id")
  .option("--until <time>", "extendGrace: the new end of grace, such as 2027-01-31T12:00:00Z")
  .option("--confirm <id>", "terminateNow: the purchase id, once more")
  .option("--amount <dollars>", "refund: how much; without it all that is left")
  .option("--refund <id>", "confirmRefund, refuseRefund, resumeSweep: a refund id")
  .option("--purchase <id>", "reassignDeposit of a deposit: whose it shall be")
  .description("Repair a purchase, or a deposit that may belong to none; asks nothing back.")
  .action(repair);

async function list(options: ListOptions): Promise<void> {
  const access = readAccess();
  const { status, search, limit, cursor } = options;
  if (options.stuck === true) {
    const page = await callApi(access, { path: `admin/stuck?${listQuery({ limit, cursor })}`, schema: StuckPage });
    return tell(page, () => `${reportStuck(page)}${nextPageHint(page.next_cursor)}`);
  }
  const needs_attention = options.attention === true ? "true" : undefined;
  const path = `admin/purchases?${listQuery({ status, search, limit, cursor, needs_attention })}`;
  const page = await callApi(access, { path, schema: PurchasePage });
  return tell(page, () => `${reportPurchases(page)}${nextPageHint(page.next_cursor)}`);
}

async function show(id: string): Promise<void> {
  const access = readAccess();
  const path = `admin/purchases/${encodeURIComponent(id)}`;
  const record = await callApi(access, { path, schema: PurchaseRecord });
  const timeline = await readTimeline(access, path);
  tell({ ...record, timeline }, () => reportPurchase(record, timeline, access.temporalUi));
}

async function readTimeline(access: OperatorAccess, path: string) {
  const entries: z.infer<typeof TimelinePage>["entries"] = [];
  let cursor: string | null = "";
  while (cursor !== null && entries.length < MOST_LINES) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: z.infer<typeof TimelinePage> = await callApi(access, {
      path: `${path}/timeline?limit=200${from}`,
      schema: TimelinePage,
    });
    entries.push(...page.entries);
    cursor = page.next_cursor;
  }
  return entries;
}

async function repair(id: string, action: string, options: RepairOptions): Promise<void> {
  const access = readAccess();
  const { actor, note, step, until, confirm, amount, dryRun, deposit: depositId } = options;
  const { refund: refundId, purchase: purchaseId } = options;
  const requestId = options.requestId ?? newId("rep");
  const path = `admin/${id.startsWith("dep_") ? "deposits" : "purchases"}/${encodeURIComponent(id)}/repairs`;
  const own = { step, until, confirm, amount, depositId, refundId, purchaseId };
  const body = { action, requestId, actor, note, ...own, dryRun };
  announce(`${action} of ${id}, request id ${requestId} ...`);
  const answer = await callApi(access, { path, schema: RepairAnswer, body });
  tell(answer, () => `${dryRun === true ? "Would happen: " : ""}${answer.outcome}`);
}

await run();
