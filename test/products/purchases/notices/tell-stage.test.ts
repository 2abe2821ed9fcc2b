import { afterAll, beforeAll, expect, it } from "vitest";
import { terminationKey } from "../../../../src/products/purchases/notices/tell-stage.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { mend, repairOf } from "../repairs/repair-world.ts";
import { advance, charge, eventTypes, refill, type Sale, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const until = () => new Date(Date.now() + app.clock.offsetMs + 86_400_000).toISOString();
const callBack = (sale: Sale) => mend(app, sale, repairOf("extendGrace", { until: until() }));

async function told(sale: Sale, type: string): Promise<number> {
  return (await eventTypes(app, sale)).filter((candidate) => candidate === type).length;
}

/** Grace is over and the purchase looks at itself, more than once. */
async function letGraceEnd(sale: Sale): Promise<void> {
  await app
    .database("purchases")
    .where("id", sale.purchaseId)
    .update({ grace_ends_at: new Date(0) });
  for (let looks = 1; looks <= 3; looks += 1) await advance(app, sale);
}

it("a termination that was called back and begins again is told again, each once", async () => {
  const sale = await sell(app);
  await charge(app, sale, "5");
  await advance(app, sale);
  await letGraceEnd(sale);
  expect(await told(sale, "purchase.terminating")).toBe(1);
  await callBack(sale);
  await letGraceEnd(sale);
  expect(await told(sale, "purchase.terminating")).toBe(2);
  await callBack(sale);
  await mend(app, sale, repairOf("terminateNow", { confirm: sale.purchaseId }));
  await advance(app, sale);
  expect(await told(sale, "purchase.terminating")).toBe(3);
});

it("a recovery is told in each grace, also when an operator gave both the same end", async () => {
  const sale = await sell(app);
  const end = until();
  for (let grace = 1; grace <= 2; grace += 1) {
    await charge(app, sale, "5");
    await advance(app, sale);
    await mend(app, sale, repairOf("extendGrace", { until: end }));
    await refill(app, sale, "5");
    await advance(app, sale);
    await advance(app, sale);
    expect(await told(sale, "purchase.recovered")).toBe(grace);
  }
});

it("is named by the state it ended", () => {
  expect(terminationKey({ statusSince: new Date(0) })).toBe("terminating:1970-01-01T00:00:00.000Z");
});
