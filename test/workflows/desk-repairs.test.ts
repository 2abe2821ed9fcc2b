import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toFailure } from "../../activities/failures.ts";
import { repairActivities } from "../../activities/repairs.ts";
import { findPurchase } from "../../src/products/purchases/purchase-store.ts";
import { isStepSkipped } from "../../src/products/purchases/repairs/repair-store.ts";
import type { PurchaseView } from "../../workflows/contracts.ts";
import { countActions, putInto, repairNeeds, repairOf } from "../products/purchases/repairs/repair-world.ts";
import { type Sale, sell } from "../products/purchases/sales.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../support/app.ts";
import { startDevServer, temporalMissing } from "../support/temporal.ts";
import { type Fakes, type StagedWorkflow, withWorkflow } from "./workflow-stage.ts";

const WAIT: PurchaseView = { status: "active", next: "wait", steps: [], deadline: null, details: "Active." };
const DONE: PurchaseView = { ...WAIT, status: "terminated", next: "done", details: "Gone." };

let environment: Awaited<ReturnType<typeof startDevServer>>;
let app: TestApp;
beforeAll(async () => {
  if (temporalMissing !== undefined) return;
  [environment, app] = await Promise.all([startDevServer(), startTestApp()]);
}, 600_000);
afterAll(async () => {
  await environment?.teardown();
  await app?.close();
});

/** The real repairs on real rows, their failures as a worker hands them on; the rest of the purchase is `fakes`. */
function withPurchase(sale: Sale, fakes: Fakes, body: (workflow: StagedWorkflow) => Promise<void>): Promise<void> {
  const real = repairActivities(repairNeeds(app));
  const failing =
    <Input, Answer>(run: (input: Input) => Promise<Answer>) =>
    (input: Input) =>
      run(input).catch((error: unknown) => Promise.reject(toFailure(error)));
  const repairs = { repairPurchase: failing(real.repairPurchase), repairWorkflow: failing(real.repairWorkflow) };
  return withWorkflow(
    { environment, type: "purchase" },
    { id: sale.purchaseId, fakes: { ...real, ...repairs, ...fakes } },
    body,
  );
}

const update = (workflow: StagedWorkflow, { action, ...request }: Readonly<Record<string, unknown>>) =>
  workflow.executeUpdate<Readonly<Record<string, unknown>>, [unknown]>(String(action), { args: [request] });

/** A purchase whose truth is its row: done when the row says that it ends. */
const followRow = (sale: Sale): Fakes => ({
  advancePurchase: async () => {
    const status = (await findPurchase(app.database, sale.purchaseId))?.status;
    return status === "terminating" ? DONE : { ...WAIT, status: status ?? "gone" };
  },
});

describe.skipIf(temporalMissing !== undefined)("repairs as Updates on a real server", () => {
  it("terminateNow ends a purchase that waits, and is written down like the same repair through the route", async () => {
    const sale = await sell(app);
    await withPurchase(sale, followRow(sale), async (workflow) => {
      const request = repairOf("terminateNow", { confirm: sale.purchaseId });
      const answer = await update(workflow, request);
      expect(answer).toMatchObject({ action: "terminateNow", requestId: request.requestId });
      expect(await workflow.result()).toBe("terminated");
      const path = `/admin/purchases/${sale.purchaseId}/repairs`;
      const again = await app.call(path, { key: ADMIN_TOKEN, json: request });
      expect([again.status, again.body]).toEqual([200, answer]);
      expect(await countActions(app, sale)).toBe(1);
    });
  });

  it("twenty Updates with one request id are one repair and one answer", async () => {
    const sale = await sell(app);
    await putInto(app, sale, "grace");
    await withPurchase(sale, followRow(sale), async (workflow) => {
      const until = new Date(Date.now() + 86_400_000).toISOString();
      const request = repairOf("extendGrace", { until });
      const answers = await Promise.all(Array.from({ length: 20 }, () => update(workflow, request)));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await countActions(app, sale)).toBe(1);
      await update(workflow, repairOf("terminateNow", { confirm: sale.purchaseId }));
      await workflow.result();
    });
  });

  it("skipStep leaves out the step that is stuck, and the next one begins at once", async () => {
    const sale = await sell(app);
    await putInto(app, sale, "terminating");
    const ran: string[] = [];
    let views = 0;
    const step = (name: string) => ({ name, summary: `Do ${name}`, long: false });
    const fakes: Fakes = {
      advancePurchase: async () => {
        views += 1;
        const steps = [step("empty_bucket"), step("delete_bucket")];
        return views === 1 ? { ...WAIT, status: "terminating", next: "terminate", steps } : DONE;
      },
      runStep: async ({ purchaseId, phase, step: name }) => {
        if (await isStepSkipped(app.database, { purchaseId, phase, step: name })) return "left out by an operator";
        if (name === "empty_bucket") throw ApplicationFailure.nonRetryable("2 objects are locked", "object_locked");
        ran.push(name);
      },
      finishPhase: async () => {},
    };
    await withPurchase(sale, fakes, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.nextAction).toContain("skipStep");
      await expect(update(workflow, repairOf("skipStep", { step: "delete_bucket" }))).rejects.toMatchObject({
        cause: { type: "repair_not_allowed" },
      });
      const skipped = update(workflow, repairOf("skipStep", { step: "empty_bucket" }));
      expect(await skipped).toMatchObject({ outcome: expect.stringContaining("Not done") });
      expect(await workflow.result()).toBe("terminated");
      expect(ran).toEqual(["delete_bucket"]);
      expect(await workflow.timeline()).toContain("Do empty_bucket: left out by an operator.");
      expect((await workflow.describe()).searchAttributes).toMatchObject({ NeedsReview: [false] });
    });
  });

  it("T09: whatever is sent, the answer is a refusal with its code and the workflow goes on", async () => {
    const sale = await sell(app);
    await withPurchase(sale, followRow(sale), async (workflow) => {
      const poison: readonly (readonly [string, unknown, string])[] = [
        ["retryStep", undefined, "invalid_repair"],
        ["extendGrace", null, "invalid_repair"],
        ["refund", "all of it", "invalid_repair"],
        ["terminateNow", [1, 2, 3], "invalid_repair"],
        ["skipStep", { actor: "a", note: "n", requestId: "p1", step: { $gt: "" } }, "invalid_repair"],
        ["extendGrace", { actor: "a", note: "n", requestId: "p2", until: "soon" }, "invalid_repair"],
        ["refund", { actor: "a", note: "n", requestId: "p3", amount: 5 }, "invalid_repair"],
        ["terminateNow", { actor: "a", note: "n", requestId: "p4", confirm: "pur_other" }, "invalid_repair"],
        ["refund", { actor: "a", note: "n", requestId: "p5", balance: "999" }, "invalid_repair"],
        ["reassignDeposit", { actor: "a", note: "n", requestId: "p6", depositId: "dep_none" }, "deposit_not_found"],
        ["retryStep", { actor: "a", note: "n", requestId: "p7" }, "not_stuck"],
      ];
      for (const [action, sent, type] of poison) {
        await expect(workflow.executeUpdate(action, { args: [sent] })).rejects.toMatchObject({ cause: { type } });
      }
      await workflow.signal("wake", "poison");
      await workflow.signal("wake", { sequence: 1 });
      expect(await countActions(app, sale)).toBe(0);
      await update(workflow, repairOf("terminateNow", { confirm: sale.purchaseId }));
      expect(await workflow.result()).toBe("terminated");
    });
  });
});
