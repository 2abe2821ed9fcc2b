import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repairActivities } from "../../activities/repairs.ts";
import { findParked } from "../../src/platform/temporal/parked-workflow-store.ts";
import { repairNeeds, repairOf } from "../products/purchases/repairs/repair-world.ts";
import { sell } from "../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const run = <Input, Answer>(activity: (input: Input) => Promise<Answer>, input: Input): Promise<Answer> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(activity, input);
const activities = () => repairActivities(repairNeeds(app));

const at = (subject: string) => ({
  ...{ subject, step: "Delete the bucket", phase: "terminate", stepName: "delete_bucket" },
  ...{ code: "object_locked", reason: "2 objects are locked", nextAction: "retryStep" },
  since: "2026-11-21T12:00:00.000Z",
});

it("notes where a workflow stands still, retries it by an Update's request, and forgets it", async () => {
  const { purchaseId } = await sell(app);
  const subject = `purchase/${purchaseId}`;
  await run(activities().noteParked, at(subject));
  expect(await findParked(app.database, subject)).toMatchObject({ since: new Date("2026-11-21T12:00:00Z") });
  const request = repairOf("retryStep");
  const answer = await run(activities().repairPurchase, { purchaseId, request });
  expect(answer).toMatchObject({ action: "retryStep", subject, data: { step: "delete_bucket" } });
  expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  await run(activities().clearParked, { subject });
  expect(await findParked(app.database, subject)).toBeNull();
  const again = run(activities().repairPurchase, { purchaseId, request: repairOf("retryStep") });
  await expect(again).rejects.toMatchObject({ code: "not_stuck" });
});

it("retries any other workflow by its id", async () => {
  const subject = "sweep/dep_1";
  await expect(run(activities().repairWorkflow, { subject, request: repairOf("retryStep") })).rejects.toMatchObject({
    code: "not_stuck",
  });
  await run(activities().noteParked, at(subject));
  const request = repairOf("retryStep");
  const answer = await run(activities().repairWorkflow, { subject, request });
  expect(answer).toMatchObject({ subject, action: "retryStep" });
  expect(await run(activities().repairWorkflow, { subject, request })).toEqual(answer);
  const wake: { subject: string } | undefined = await app.database("wakes").where({ subject }).first("subject");
  expect(wake?.subject).toBe(subject);
});
