import { moveDeposit } from "../../../../src/integrations/chains/deposits/move-deposit.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { listOperatorActions } from "../../../../src/platform/operator-action-store.ts";
import { noteParked } from "../../../../src/platform/temporal/parked-workflow-store.ts";
import type { MoneyMoves } from "../../../../src/products/purchases/repairs/money-moves.ts";
import type { RepairNeeds } from "../../../../src/products/purchases/repairs/perform-repair.ts";
import { performRepair } from "../../../../src/products/purchases/repairs/perform-repair.ts";
import type { TestApp } from "../../../support/app.ts";
import type { Sale } from "../sales.ts";

/** What was asked of the chains integration, in order. */
export type AskedMoves = { readonly kind: string; readonly input: object }[];

/** What repairs need: real rows and books; the sending of money is only written down in `asked`. */
export function repairNeeds(app: TestApp, asked: AskedMoves = []): RepairNeeds {
  const refund = (kind: string) => async (_transaction: unknown, input: object & { readonly key: string }) => {
    asked.push({ kind, input });
    return [{ id: `ref_${asked.length}`, amount: parseDollars("1"), status: "requested" }];
  };
  const money: MoneyMoves = {
    moveDeposit: (transaction, input) => moveDeposit(transaction, app.context, input),
    requestDepositRefund: refund("deposit"),
    requestRemainderRefund: refund("remainder"),
    resumeSweep: async (_transaction, input) => void asked.push({ kind: "resume", input }),
    confirmRefund: async (_transaction, input) => void asked.push({ kind: "confirm", input }),
    refuseRefund: async (_transaction, input) => {
      asked.push({ kind: "refuse", input });
      return { account: "suspense/late", depositId: "dep_1" };
    },
    resumeRefund: async (_transaction, input) => void asked.push({ kind: "resume", input }),
  };
  return { ...app.context, money };
}

let requests = 0;

/** A request id nobody used before. */
export function newRequestId(): string {
  requests += 1;
  return `request-${process.pid}-${requests}`;
}

/** A repair as an operator sends it, under a request id of its own unless one is given. */
export function repairOf(action: string, own: Readonly<Record<string, unknown>> = {}) {
  return { action, requestId: newRequestId(), actor: "operations", note: "the test asked", ...own };
}

/** Performs a repair of a sale. */
export function mend(app: TestApp, sale: Pick<Sale, "purchaseId">, request: unknown, needs = repairNeeds(app)) {
  return performRepair(needs, { purchaseId: sale.purchaseId, request });
}

/** Lets a purchase stand still at a step, as its workflow says when its attempts are used up. */
export async function park(
  app: TestApp,
  sale: Pick<Sale, "purchaseId">,
  at: { readonly phase: string; readonly stepName: string } | null,
): Promise<void> {
  await noteParked(app.database, {
    subject: `purchase/${sale.purchaseId}`,
    step: at === null ? "look at the balance" : `do ${at.stepName}`,
    phase: at?.phase ?? null,
    stepName: at?.stepName ?? null,
    code: "object_locked",
    reason: "2 objects are locked",
    nextAction: "retryStep",
    since: new Date(),
  });
}

/** Puts a purchase's row into a status, as its workflow would in time. */
export async function putInto(app: TestApp, sale: Pick<Sale, "purchaseId">, status: string): Promise<void> {
  const graceEndsAt = status === "grace" || status === "terminating" ? new Date() : null;
  await app.database("purchases").where("id", sale.purchaseId).update({ status, grace_ends_at: graceEndsAt });
}

/** How many repairs of a purchase were written down. */
export async function countActions(app: TestApp, sale: Pick<Sale, "purchaseId">): Promise<number> {
  return (await listOperatorActions(app.database, { subject: `purchase/${sale.purchaseId}`, limit: 100 })).length;
}
