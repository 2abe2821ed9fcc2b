import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { findPurchase } from "../../../../src/products/purchases/purchase-store.ts";
import { performRepair, REPAIRS } from "../../../../src/products/purchases/repairs/perform-repair.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { HOSTILE_TEXTS } from "../routes/hostile-texts.ts";
import { eventTypes, paidSession, type Sale, sell, wakes } from "../sales.ts";
import {
  type AskedMoves,
  countActions,
  mend,
  newRequestId,
  park,
  putInto,
  repairNeeds,
  repairOf,
} from "./repair-world.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

type Own = Readonly<Record<string, unknown>>;

/** A good input of each repair for a sale. */
const inputs: Readonly<Record<string, (sale: Sale) => Own | Promise<Own>>> = {
  retryStep: () => ({}),
  skipStep: () => ({ step: "revoke_access" }),
  reassignDeposit: async () => ({ depositId: await strayDeposit() }),
  extendGrace: () => ({ until: later(2) }),
  terminateNow: ({ purchaseId }) => ({ confirm: purchaseId }),
  refund: () => ({}),
  resumeSweep: () => ({ depositId: "dep_any" }),
  confirmRefund: () => ({ refundId: "ref_any" }),
  refuseRefund: () => ({ refundId: "ref_any" }),
};

/** A deposit that was credited to somebody else. */
async function strayDeposit(): Promise<string> {
  const other = await paidSession(app);
  const row: { id: string } | undefined = await app
    .database("deposits")
    .where("deposit_address_id", other.checkout.depositAddressId)
    .first("id");
  return row?.id ?? "";
}

const LIVING = ["provisioning", "active", "low", "critical", "suspended", "grace", "stuck"];
const STATES = [...LIVING, "refunding", "terminating", "terminated"];

/** In which states each repair is done; elsewhere it is refused and changes nothing. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  retryStep: STATES,
  skipStep: ["terminating"],
  reassignDeposit: LIVING,
  extendGrace: ["grace", "terminating"],
  terminateNow: LIVING,
  refund: STATES,
  resumeSweep: STATES,
  confirmRefund: STATES,
  refuseRefund: STATES,
};

describe("every repair in every state", () => {
  const table = REPAIRS.flatMap(({ action }) =>
    STATES.map((status) => ({ action, status, allowed: ALLOWED[action]?.includes(status) === true })),
  );

  it.each(table)("$action of a purchase that is $status: done is $allowed", async ({ action, status, allowed }) => {
    const sale = await sell(app);
    await putInto(app, sale, status);
    await park(app, sale, { phase: "terminate", stepName: "revoke_access" });
    const request = repairOf(action, await inputs[action]?.(sale));
    const before = await wakes(app, `purchase/${sale.purchaseId}`);
    const outcome = await mend(app, sale, request).catch((error: unknown) => error);
    if (!allowed) {
      expect(outcome).toMatchObject({ code: "repair_not_allowed", status: 409 });
      expect(await countActions(app, sale)).toBe(0);
      expect((await findPurchase(app.database, sale.purchaseId))?.status).toBe(status);
      expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBe(before);
      return;
    }
    expect(outcome).toMatchObject({ action, requestId: request.requestId, subject: `purchase/${sale.purchaseId}` });
    expect(await countActions(app, sale)).toBe(1);
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBeGreaterThan(before);
  });
});

describe("the same request id", () => {
  it.each(REPAIRS.map(({ action }) => [action]))(
    "%s sent twenty times at once is done once and answers one answer",
    async (action) => {
      const sale = await sell(app);
      await putInto(app, sale, action === "skipStep" ? "terminating" : "grace");
      await park(app, sale, { phase: "terminate", stepName: "revoke_access" });
      const asked: AskedMoves = [];
      const request = repairOf(action, await inputs[action]?.(sale));
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => mend(app, sale, request, repairNeeds(app, asked))),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await countActions(app, sale)).toBe(1);
      expect(asked.length).toBeLessThanOrEqual(1);
    },
  );

  it("A05: after a crash between the commit and the answer, the caller who asks again is told what was done", async () => {
    const sale = await sell(app);
    await putInto(app, sale, "grace");
    const request = repairOf("extendGrace", { until: later(3) });
    const lost = await mend(app, sale, request);
    await putInto(app, sale, "terminated");
    expect(await mend(app, sale, request)).toEqual(lost);
    expect(await countActions(app, sale)).toBe(1);
  });

  it("A05: after a crash before the commit nothing is there, and the same request is done", async () => {
    const sale = await sell(app);
    const request = repairOf("refund");
    const needs = repairNeeds(app);
    const dying = {
      ...needs,
      money: { ...needs.money, requestRemainderRefund: () => Promise.reject(new Error("the process died")) },
    };
    await expect(mend(app, sale, request, dying)).rejects.toThrow("the process died");
    expect(await countActions(app, sale)).toBe(0);
    expect(await mend(app, sale, request)).toMatchObject({ action: "refund" });
  });

  it.each([
    ["another input", { until: later(9) }, false],
    ["another repair", { action: "terminateNow" }, true],
  ])("with %s is refused and changes nothing", async (_what, change, isOther) => {
    const sale = await sell(app);
    await putInto(app, sale, "grace");
    const request = repairOf("extendGrace", { until: later(3) });
    await mend(app, sale, request);
    const { actor, note, requestId } = request;
    const second = isOther
      ? { actor, note, requestId, ...change, confirm: sale.purchaseId }
      : { ...request, ...change };
    await expect(mend(app, sale, second)).rejects.toMatchObject({ code: "request_id_reused", status: 409 });
    expect(await countActions(app, sale)).toBe(1);
  });

  it("of another purchase is refused", async () => {
    const [one, other] = [await sell(app), await sell(app)];
    const request = repairOf("refund");
    await mend(app, one, request);
    await expect(mend(app, other, request)).rejects.toMatchObject({ code: "request_id_reused" });
  });
});

describe("a dry run", () => {
  it("answers what would happen and changes nothing, not even the request id", async () => {
    const sale = await sell(app);
    const request = repairOf("terminateNow", { confirm: sale.purchaseId });
    const before = await wakes(app, `purchase/${sale.purchaseId}`);
    expect(await mend(app, sale, { ...request, dryRun: true })).toMatchObject({ data: { was: "active" } });
    expect((await findPurchase(app.database, sale.purchaseId))?.status).toBe("active");
    expect(await countActions(app, sale)).toBe(0);
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBe(before);
    expect(await mend(app, sale, request)).toMatchObject({ data: { was: "active" } });
  });

  it("moves no money", async () => {
    const sale = await sell(app);
    await mend(app, sale, repairOf("reassignDeposit", { depositId: await strayDeposit(), dryRun: true }));
    expect((await readBalance(app.database, accounts.purchase(sale.purchaseId))).available).toBe(5_000_000_000n);
  });

  it("is refused as the repair itself would be", async () => {
    const sale = await sell(app);
    await expect(mend(app, sale, repairOf("retryStep", { dryRun: true }))).rejects.toMatchObject({ code: "not_stuck" });
  });
});

describe("T09: what no repair can be made of", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "terminateNow"],
    ["a list", [{ action: "retryStep" }]],
    ["no action", { requestId: "r", actor: "a", note: "n" }],
    ["an unknown action", { action: "dropTables", requestId: "r", actor: "a", note: "n" }],
    ["an inherited action", { action: "__proto__", requestId: "r", actor: "a", note: "n" }],
    ["no actor", { action: "retryStep", requestId: "r", note: "n" }],
    ["an empty request id", { action: "retryStep", requestId: "", actor: "a", note: "n" }],
    ["an endless note", { action: "retryStep", requestId: "r", actor: "a", note: "n".repeat(501) }],
    ["a zero character", { action: "retryStep", requestId: "r\u0000", actor: "a", note: "n" }],
    ["a number for an amount", { action: "refund", requestId: "r", actor: "a", note: "n", amount: 5 }],
    ["A10: members of the row", { action: "retryStep", requestId: "r", actor: "a", note: "n", balance: "999" }],
  ])("%s is refused with a reason and changes nothing", async (_what, request) => {
    const sale = await sell(app);
    await park(app, sale, null);
    await expect(mend(app, sale, request)).rejects.toMatchObject({ code: "invalid_repair", status: 400 });
    expect(await countActions(app, sale)).toBe(0);
  });

  it.each(HOSTILE_TEXTS)("%s in a note is kept as it was sent or refused", async (_what, note) => {
    const sale = await sell(app);
    await park(app, sale, null);
    const outcome = await mend(app, sale, { ...repairOf("retryStep"), note }).catch((error: unknown) => error);
    const row: { note: string } | undefined = await app
      .database("operator_actions")
      .where("subject", `purchase/${sale.purchaseId}`)
      .first("note");
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "invalid_repair" });
    else expect(row?.note).toBe(note);
  });

  it("a purchase that is not there is not found", async () => {
    await expect(mend(app, { purchaseId: "pur_none" }, repairOf("retryStep"))).rejects.toMatchObject({
      code: "purchase_not_found",
    });
  });
});

describe("two different repairs at once", () => {
  it("one ends the purchase and one extends its grace: whichever is first, the other sees what it did", async () => {
    const sale = await sell(app);
    await putInto(app, sale, "grace");
    const [ended, extended] = await Promise.allSettled([
      performRepair(repairNeeds(app), {
        purchaseId: sale.purchaseId,
        request: repairOf("terminateNow", { confirm: sale.purchaseId }),
      }),
      mend(app, sale, { ...repairOf("extendGrace", { until: later(1) }), requestId: newRequestId() }),
    ]);
    expect(ended.status).toBe("fulfilled");
    expect(extended.status).toBe("fulfilled");
    const status = (await findPurchase(app.database, sale.purchaseId))?.status;
    expect(["grace", "terminating"]).toContain(status);
    expect(await eventTypes(app, sale)).toContain("purchase.terminating");
    expect(await countActions(app, sale)).toBe(2);
  });
});
