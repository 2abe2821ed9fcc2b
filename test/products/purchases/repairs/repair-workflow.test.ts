import { afterAll, beforeAll, expect, it } from "vitest";
import { repairWorkflow } from "../../../../src/products/purchases/repairs/repair-workflow.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type AskedMoves, repairNeeds, repairOf } from "./repair-world.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("pushes the sweep it is sent to, once per request, and no workflow that is none", async () => {
  const asked: AskedMoves = [];
  const needs = repairNeeds(app, asked);
  const request = repairOf("resumeSweep");
  const first = await repairWorkflow(needs, { subject: "sweep/dep_1", request });
  expect(await repairWorkflow(needs, { subject: "sweep/dep_1", request })).toEqual(first);
  expect(asked).toEqual([{ kind: "resume", input: { depositId: "dep_1" } }]);
  for (const action of ["confirmRefund", "refuseRefund"]) {
    const noRefund = repairWorkflow(needs, { subject: "sweep/dep_1", request: repairOf(action) });
    await expect(noRefund).rejects.toMatchObject({ code: "repair_not_allowed" });
  }
  const other = repairWorkflow(needs, { subject: "notice/evt_1", request: repairOf("resumeSweep") });
  await expect(other).rejects.toMatchObject({ code: "repair_not_allowed" });
  const unknown = repairWorkflow(needs, { subject: "notice/evt_1", request: repairOf("refund") });
  await expect(unknown).rejects.toMatchObject({ code: "invalid_repair" });
});

it("decides about the refund it is sent to, and pushes it, once per request", async () => {
  const asked: AskedMoves = [];
  const needs = repairNeeds(app, asked);
  for (const action of ["confirmRefund", "refuseRefund", "resumeSweep"]) {
    const request = repairOf(action);
    const first = await repairWorkflow(needs, { subject: "refund/ref_1", request });
    expect(await repairWorkflow(needs, { subject: "refund/ref_1", request })).toEqual(first);
  }
  expect(asked).toEqual([
    { kind: "confirm", input: { refundId: "ref_1", actor: "operations" } },
    { kind: "refuse", input: { refundId: "ref_1" } },
    { kind: "resume", input: { refundId: "ref_1" } },
  ]);
});
