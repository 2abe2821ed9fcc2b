import { afterAll, describe, expect, it } from "vitest";
import { listWatchedPayments } from "../../../../src/products/access/operators/list-watched-payments.ts";
import { doubtRows } from "../payments/doubt/doubt-rows.ts";
import { startDoubtWorld } from "../payments/doubt/doubt-world.ts";

const world = await startDoubtWorld({});
const { inDoubt } = doubtRows(world);
afterAll(() => world.close());

describe("listWatchedPayments", () => {
  it("says of a parked one what only an operator can do", async () => {
    const { id } = await inDoubt();
    const list = () => listWatchedPayments(world.app.database, { status: "unknown", cursor: null, limit: 200 });
    const find = async () => (await list()).payments.find((payment) => payment.id === id);
    expect(await find()).toMatchObject({
      needsReview: false,
      amount: "0.5",
      nextAction: expect.stringContaining("lookAgain"),
    });
    const subject = `access-payment/${id}`;
    const words = { step: "s", code: "payment_in_doubt", reason: "r", next_action: "n", since: new Date() };
    await world.app.owner("parked_workflows").insert({ subject, ...words });
    expect(await find()).toMatchObject({ needsReview: true, nextAction: expect.stringContaining("recordFailed") });
  });
});
