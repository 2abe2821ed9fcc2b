import { afterAll, beforeAll, expect, it } from "vitest";
import { recordOperatorAction } from "../../../../src/platform/operator-action-store.ts";
import { readOperatorActions } from "../../../../src/products/purchases/operators/read-operator-actions.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  for (let count = 1; count <= 5; count += 1) {
    const [requestId, subject] = [`r${count}`, count % 2 === 0 ? "sweep/dep_1" : "purchase/pur_1"];
    const rest = { action: "retryStep", actor: "a", note: "n", input: {}, outcome: {} };
    await app.database.transaction((transaction) => recordOperatorAction(transaction, { requestId, subject, ...rest }));
  }
});
afterAll(() => app.close());

it.each([
  { limit: 2, subject: undefined, pages: [["r5", "r4"], ["r3", "r2"], ["r1"]] },
  { limit: 5, subject: undefined, pages: [["r5", "r4", "r3", "r2", "r1"]] },
  { limit: 2, subject: "purchase/pur_1", pages: [["r5", "r3"], ["r1"]] },
  { limit: 2, subject: "sweep/dep_1", pages: [["r4", "r2"]] },
  { limit: 2, subject: "sweep/dep_2", pages: [[]] },
])("pages of $limit of $subject end with the oldest and no empty page after it", async ({ limit, subject, pages }) => {
  const read: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await readOperatorActions(app.context, { subject, cursor, limit });
    read.push(page.actions.map(({ requestId }) => requestId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(read).toEqual(pages);
});
