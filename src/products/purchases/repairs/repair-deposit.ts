import type { Knex } from "knex";
import { z } from "zod";
import { DepositNotFound } from "../../../integrations/chains/errors.ts";
import type { RepairAnswer, RepairWorkDone } from "../../../platform/repairs/repair-once.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { parseRepair, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { text } from "../schemas.ts";
import { RepairNotAllowed } from "./errors.ts";
import type { RepairNeeds } from "./perform-repair.ts";
import { performRepair } from "./perform-repair.ts";
import { describeRefunds } from "./refund.ts";
import { findDepositOwner } from "./repair-store.ts";

/** What can be done about a deposit. */
export const DEPOSIT_REPAIRS = ["reassignDeposit", "refund", "confirmRefund", "refuseRefund", "resumeSweep"] as const;

const Signed = { ...RepairSignature, dryRun: z.boolean().optional() };
const id = () => text({ minimum: 1, maximum: 64 });

const DepositRepair = z.discriminatedUnion("action", [
  z.strictObject({ ...Signed, action: z.literal("reassignDeposit"), purchaseId: id() }),
  z.strictObject({ ...Signed, action: z.literal("refund") }),
  z.strictObject({ ...Signed, action: z.literal("confirmRefund"), refundId: id() }),
  z.strictObject({ ...Signed, action: z.literal("refuseRefund"), refundId: id() }),
  z.strictObject({ ...Signed, action: z.literal("resumeSweep"), refundId: id().optional() }),
]);
type DepositRepair = z.output<typeof DepositRepair>;

/**
 * A repair of one deposit, also of one that no purchase has, such as tokens that were sent to the vendor's wallet. Where a purchase has it,
 * or shall have it, it is that purchase's repair and written down there; otherwise under `deposit/<id>`. Idempotent by request id as every
 * repair. Throws `invalid_repair`, `deposit_not_found`, `request_id_reused` and what moving the money throws.
 */
export async function repairDeposit(
  needs: RepairNeeds,
  input: { readonly depositId: string; readonly request: unknown },
): Promise<RepairAnswer> {
  const { depositId } = input;
  const request = parseRepair(DepositRepair, input.request);
  const owner = await findDepositOwner(needs.database, depositId);
  if (owner === undefined) throw new DepositNotFound(depositId);
  const purchaseId = request.action === "reassignDeposit" ? request.purchaseId : owner;
  if (purchaseId !== null) return performRepair(needs, { purchaseId, request: asPurchaseRepair(request, depositId) });
  const { action, requestId, actor, note, dryRun, ...own } = request;
  const call = { requestId, subject: `deposit/${depositId}`, action, actor, note, isDryRun: dryRun === true };
  return repairOnce(needs, { ...call, input: z.record(z.string(), z.json()).parse(own) }, (transaction) =>
    perform(needs, transaction, { depositId, request }),
  );
}

function asPurchaseRepair(request: DepositRepair, depositId: string) {
  if (request.action === "confirmRefund" || request.action === "refuseRefund") return request;
  if (request.action === "resumeSweep" && request.refundId !== undefined) return request;
  const { purchaseId: _named, ...own } = { purchaseId: null, ...request };
  return { ...own, depositId };
}

async function perform(
  { money }: RepairNeeds,
  transaction: Knex.Transaction,
  { depositId, request }: { readonly depositId: string; readonly request: DepositRepair },
): Promise<RepairWorkDone> {
  const owner = { depositId };
  const { action, actor } = request;
  if (action === "refund") {
    const key = `repair:${request.requestId}`;
    return { ...describeRefunds(await money.requestDepositRefund(transaction, { key, depositId })), wakes: [] };
  }
  if (action === "confirmRefund") {
    await money.confirmRefund(transaction, { refundId: request.refundId, actor, owner });
    return done(`${request.refundId} goes to its deposit's sender; ${actor} vouches for it.`);
  }
  if (action === "refuseRefund") {
    const { account } = await money.refuseRefund(transaction, { refundId: request.refundId, owner });
    return done(`${request.refundId} is given up; its money is in ${account} again.`);
  }
  if (action === "resumeSweep" && request.refundId !== undefined) {
    await money.resumeRefund(transaction, { refundId: request.refundId, owner });
    return done(`The refund ${request.refundId} goes on.`);
  }
  throw new RepairNotAllowed(action, "unowned", `${depositId} is in the vendor's wallet already: it has no sweep.`);
}

function done(words: string): RepairWorkDone {
  return { text: words, data: {}, wakes: [] };
}
