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
  const other = repairWorkflow(needs, { subject: "notice/evt_1", request: repairOf("resumeSweep") });
  await expect(other).rejects.toMatchObject({ code: "repair_not_allowed" });
  const unknown = repairWorkflow(needs, { subject: "notice/evt_1", request: repairOf("refund") });
  await expect(unknown).rejects.toMatchObject({ code: "invalid_repair" });
});
