import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findLaggards } from "../../../../src/products/purchases/watch/laggard-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { park } from "../repairs/repair-world.ts";
import { advance, charge, type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());
beforeEach(async () => {
  await app.owner("wakes").delete();
  sale = await sell(app);
});

const subject = () => `purchase/${sale.purchaseId}`;

/** The wake was sent, and `minutes` have passed. */
const sent = (minutes: number) =>
  app.owner("wakes").update({
    sent_seq: app.owner.ref("seq"),
    updated_at: app.owner.raw("now() - make_interval(mins => ?)", [minutes]),
  });

/** The last look at the purchase is `minutes` ago. */
const evaluated = (minutes: number) =>
  app.owner("purchases").update({ evaluated_at: app.owner.raw("now() - make_interval(mins => ?)", [minutes]) });

describe("a purchase lags", () => {
  it("when its wake was sent over a minute ago and nobody looked since", async () => {
    await charge(app, sale, "4.5");
    await sent(2);
    await evaluated(10);
    expect(await findLaggards(app.database)).toEqual([subject()]);
  });

  it("when it was sold and its workflow never looked at all", async () => {
    await app.owner("purchases").where("id", sale.purchaseId).update({ evaluated_at: "-infinity" });
    await charge(app, sale, "4.5");
    await sent(2);
    expect(await findLaggards(app.database)).toContain(subject());
  });

  it("when its grace ended over a minute ago and nobody ended it", async () => {
    await charge(app, sale, "4.99");
    await sent(5);
    expect(await advance(app, sale)).toMatchObject({ status: "grace" });
    await app
      .owner("purchases")
      .where("id", sale.purchaseId)
      .update({ grace_ends_at: app.owner.raw("now() - interval '2 minutes'") });
    expect(await findLaggards(app.database)).toEqual([subject()]);
  });
});

describe("a purchase does not lag", () => {
  it("once its workflow has looked", async () => {
    await charge(app, sale, "4.5");
    await sent(2);
    await evaluated(10);
    await advance(app, sale);
    expect(await findLaggards(app.database)).toEqual([]);
  });

  it("while its wake is younger than a minute, or still waits to be sent", async () => {
    await charge(app, sale, "4.5");
    await sent(0);
    await evaluated(10);
    expect(await findLaggards(app.database)).toEqual([]);
    await app.owner("wakes").update({ seq: app.owner.raw("seq + 1"), updated_at: "2020-01-01" });
    expect(await findLaggards(app.database)).toEqual([]);
  });

  it("however much it is used, as long as nothing crosses a threshold", async () => {
    await advance(app, sale);
    await app.owner("wakes").delete();
    for (let count = 0; count < 5; count += 1) await charge(app, sale, "0.01");
    await evaluated(10);
    expect(await findLaggards(app.database)).toEqual([]);
  });

  it("for five minutes while its workflow says that it is parked", async () => {
    await charge(app, sale, "4.5");
    await sent(2);
    await evaluated(10);
    await park(app, sale, null);
    expect(await findLaggards(app.database)).toEqual([]);
    await sent(6);
    expect(await findLaggards(app.database)).toEqual([subject()]);
  });

  it("after it was terminated", async () => {
    await charge(app, sale, "4.5");
    await sent(2);
    await evaluated(10);
    await app.owner("purchases").where("id", sale.purchaseId).update({ status: "terminated" });
    expect(await findLaggards(app.database)).toEqual([]);
  });
});
