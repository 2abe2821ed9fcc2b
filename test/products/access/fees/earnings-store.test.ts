import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import {
  selectAssetEarnings,
  selectEarnings,
  sumEarnings,
} from "../../../../src/products/access/fees/earnings-store.ts";
import { returnUnused } from "../../../../src/products/access/fees/return-unused.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const MAY = { from: new Date("2026-05-01T00:00:00Z"), to: new Date("2026-06-01T00:00:00Z") };

describe("earnings", () => {
  it("count a sale when it settled and a return when it was given, up to the end of the range and not at it", async () => {
    const merchantId = await world.merchant();
    const assetId = await world.asset(merchantId);
    const sale = { merchantId, assetId, units: 1_000_000n };
    await world.sell({ ...sale, at: MAY.from });
    const { sessionId } = await world.sell({ ...sale, at: new Date(MAY.from.getTime() - 1) });
    await world.sell({ ...sale, at: MAY.to });
    const amount = parseDollars("0.5");
    await world.database.transaction((transaction) =>
      returnUnused(transaction, world, { sessionId, amount, now: new Date("2026-05-20T12:00:00Z") }),
    );
    expect(await sumEarnings(world.database, { merchantId, ...MAY })).toEqual({
      ...{ payments: 1, gross: parseDollars("1"), fee: parseDollars("0.02") },
      ...{ returned: amount, returnedFee: parseDollars("0.01") },
    });
    const asset = await selectAssetEarnings(world.database, { merchantId, assetIds: [assetId, "ast_none"] });
    expect([...asset.entries()]).toMatchObject([
      [assetId, { payments: 3, gross: parseDollars("3"), returned: amount }],
    ]);
  });

  it("go on behind a place, each row once, and hold nobody else's", async () => {
    const [merchantId, other] = [await world.merchant(), await world.merchant()];
    for (const day of ["03", "01", "02"]) {
      await world.sell({ merchantId, units: 1_000_000n, at: new Date(`2026-05-${day}T12:00:00Z`) });
    }
    await world.sell({ merchantId: other, units: 9_000_000n, at: new Date("2026-05-02T12:00:00Z") });
    const page = (after: Parameters<typeof selectEarnings>[1]["after"]) =>
      selectEarnings(world.database, { merchantId, ...MAY, group: "day", after, limit: 2 });
    const first = await page(null);
    const second = await page(first.at(-1) ?? null);
    const rows = [...first, ...second].map(({ key, grossUnits, feeUnits }) => [key, grossUnits, feeUnits]);
    expect(rows).toEqual(["2026-05-01", "2026-05-02", "2026-05-03"].map((day) => [day, 1_000_000n, 20_000n]));
  });

  it("are nothing for who sold nothing", async () => {
    const range = { merchantId: await world.merchant(), ...MAY };
    expect(await sumEarnings(world.database, range)).toMatchObject({ payments: 0, gross: 0n, fee: 0n, returned: 0n });
  });
});
