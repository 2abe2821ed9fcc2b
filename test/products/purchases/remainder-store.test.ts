import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import {
  closeRemainderRow,
  findLatestRemainder,
  insertRemainder,
  type Remainder,
} from "../../../src/products/purchases/remainder-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("has one open remainder of a purchase at a time, and closes it with what arrived and what stayed", async () => {
  const { purchaseId } = await sell(app, "5");
  const [amount, part] = [parseDollars("5"), parseDollars("2")];
  const open: Remainder = {
    ...{ purchaseId, round: 1, depositAddressId: "dep", amount, refunded: amount, kept: parseDollars("0") },
    status: "open",
  };
  expect(await findLatestRemainder(app.database, purchaseId)).toBeNull();
  await insertRemainder(app.database, open);
  await expect(insertRemainder(app.database, open)).rejects.toThrow();
  await expect(insertRemainder(app.database, { ...open, round: 2 })).rejects.toThrow();
  const closed = { purchaseId, round: 1, refunded: part, kept: parseDollars("3") };
  await closeRemainderRow(app.database, closed);
  await closeRemainderRow(app.database, { ...closed, refunded: amount, kept: parseDollars("0") });
  expect(await findLatestRemainder(app.database, purchaseId)).toEqual({ ...open, ...closed, status: "done" });
  await insertRemainder(app.database, { ...open, round: 2 });
  expect((await findLatestRemainder(app.database, purchaseId))?.round).toBe(2);
});
