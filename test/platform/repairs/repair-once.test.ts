import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repairOnce } from "../../../src/platform/repairs/repair-once.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function wakes(subject: string): Promise<number> {
  const row: { seq: string } | undefined = await app.owner("wakes").where("subject", subject).first("seq");
  return Number(row?.seq ?? 0);
}

it("does the work once, wakes each workflow once, and answers from what was written", async () => {
  const signed = { requestId: randomUUID(), actor: "operations", note: "", isDryRun: false };
  const call = { ...signed, subject: "sweep/dep_once", action: "paint", input: { b: 1, a: "x" } };
  let worked = 0;
  const work = async () => {
    worked += 1;
    return { text: "painted", data: { coats: 2 }, wakes: ["sweep/dep_once", "sweep/dep_once"] };
  };
  const first = await repairOnce(app.context, call, work);
  expect(first).toMatchObject({ outcome: "painted", data: { coats: 2 } });
  expect(await repairOnce(app.context, { ...call, input: { a: "x", b: 1 } }, work)).toEqual(first);
  expect([worked, await wakes("sweep/dep_once")]).toEqual([1, 1]);
  const other = repairOnce(app.context, { ...call, input: { a: "y" } }, work);
  await expect(other).rejects.toMatchObject({ code: "request_id_reused" });
});
