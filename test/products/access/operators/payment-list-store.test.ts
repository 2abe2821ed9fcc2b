import { afterAll, describe, expect, it } from "vitest";
import { selectWatchedPayments } from "../../../../src/products/access/operators/payment-list-store.ts";
import { logPayment } from "../../../../src/products/access/payments/payment-log-store.ts";
import { doubtRows } from "../payments/doubt/doubt-rows.ts";
import { startDoubtWorld } from "../payments/doubt/doubt-world.ts";

const world = await startDoubtWorld({});
const rows = doubtRows(world);
afterAll(() => world.close());

async function inDoubt() {
  const { id, merchantId, assetId, quoteId } = await rows.inDoubt();
  const line = { paymentId: id, quoteId, merchantId, assetId, event: "unknown" };
  return { id, log: (said: object) => logPayment(world.app.database, { ...line, ...said }) };
}
const select = (after = "", limit = 50) =>
  selectWatchedPayments(world.app.database, { status: "unknown", after, limit });

describe("payments operators look through", () => {
  it("carry what was last said, and the facilitator's last answer, which what the chain said does not hide", async () => {
    const { id, log } = await inDoubt();
    await log({ code: "first", detail: "One.", raw: { success: false, errorReason: "odd" } });
    await log({ code: "second", detail: "Two.", raw: { source: "chain", seen: false } });
    const row = (await select()).find((each) => each.id === id);
    expect(row).toMatchObject({
      ...{ code: "second", detail: "Two.", answer: { success: false, errorReason: "odd" }, is_parked: false },
      ...{ amount_units: "500000", gross_nanodollars: "500000000" },
    });
  });

  it("are of one status, the oldest first, from behind a place", async () => {
    const [one, two] = [await inDoubt(), await inDoubt()];
    const ids = (await select()).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining([one.id, two.id]));
    expect((await select(one.id)).map(({ id }) => id)).not.toContain(one.id);
    await world.app.owner("access_payments").where("id", two.id).update({ status: "submitted" });
    expect((await select()).map(({ id }) => id)).not.toContain(two.id);
  });
});
