import { afterAll, beforeAll, expect, it } from "vitest";
import { repairDeposit } from "../../../../src/products/purchases/repairs/repair-deposit.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { paidSession } from "../sales.ts";
import { type AskedMoves, repairNeeds, repairOf } from "./repair-world.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function depositOfNobody(): Promise<string> {
  const { checkout } = await paidSession(app);
  const [row]: { id: string }[] = await app
    .database("deposits")
    .where("deposit_address_id", checkout.depositAddressId)
    .update({ deposit_address_id: null, account: "suspense/wrong-address", status: "suspense" })
    .returning("id");
  return row?.id ?? "";
}

it("twenty at once with one request id are one refund and one answer", async () => {
  const depositId = await depositOfNobody();
  const asked: AskedMoves = [];
  const needs = repairNeeds(app, asked);
  const request = repairOf("refund");
  const answers = await Promise.all(Array.from({ length: 20 }, () => repairDeposit(needs, { depositId, request })));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(asked).toEqual([{ kind: "deposit", input: { key: `repair:${request.requestId}`, depositId } }]);
});

it("a dry run says what would happen and writes nothing down", async () => {
  const depositId = await depositOfNobody();
  const request = repairOf("refund", { dryRun: true });
  const { subject } = await repairDeposit(repairNeeds(app), { depositId, request });
  expect(subject).toBe(`deposit/${depositId}`);
  expect(await app.database("operator_actions").where({ subject }).first()).toBeUndefined();
});

it("refuses a deposit that is not there", async () => {
  const input = { depositId: "dep_none", request: repairOf("refund") };
  await expect(repairDeposit(repairNeeds(app), input)).rejects.toMatchObject({ code: "deposit_not_found" });
});
