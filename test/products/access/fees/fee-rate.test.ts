import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feeBasisPointsFor } from "../../../../src/products/access/fees/fee-rate.ts";
import { parseFeeTiers } from "../../../../src/products/access/fees/platform-fee.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const platformFee = { basisPoints: 200, tiers: parseFeeTiers("0:200,10:150,100:100") ?? [] };
const rate = (merchantId: string, now: string) =>
  feeBasisPointsFor({ database: world.database, platformFee }, { merchantId, now: new Date(now) });

describe("the fee of a sale", () => {
  it("falls with what was settled in the calendar month, and begins again with the next, in UTC", async () => {
    const merchantId = await world.merchant();
    expect(await rate(merchantId, "2026-11-01T00:00:00Z")).toBe(200);
    await world.sell({ merchantId, units: 9_999_999n, at: new Date("2026-10-31T23:59:59.999Z") });
    expect(await rate(merchantId, "2026-11-01T00:00:00Z")).toBe(200);
    await world.sell({ merchantId, units: 9_999_999n, at: new Date("2026-11-01T00:00:00Z") });
    expect(await rate(merchantId, "2026-11-05T00:00:00Z")).toBe(200);
    await world.sell({ merchantId, units: 1n, at: new Date("2026-11-05T00:00:00Z") });
    expect(await rate(merchantId, "2026-11-05T00:00:00Z")).toBe(150);
    await world.sell({ merchantId, units: 90_000_000n, at: new Date("2026-11-30T23:59:59Z") });
    expect(await rate(merchantId, "2026-11-30T23:59:59.999Z")).toBe(100);
    expect(await rate(merchantId, "2026-12-01T00:00:00Z")).toBe(200);
  });

  it("is the merchant's own where the operator gave it one, also zero", async () => {
    const [own, free] = [await world.merchant({ feeBasisPoints: 50 }), await world.merchant({ feeBasisPoints: 0 })];
    expect(await rate(own, "2026-11-01T00:00:00Z")).toBe(50);
    expect(await rate(free, "2026-11-01T00:00:00Z")).toBe(0);
  });

  it("counts no sale of another merchant, none paid from a balance, and sales at the same time all", async () => {
    const [merchantId, other] = [await world.merchant(), await world.merchant()];
    const at = new Date("2026-11-10T00:00:00Z");
    await world.sell({ merchantId: other, units: 50_000_000n, at });
    await world.sell({ merchantId, units: 50_000_000n, at, dialect: "balance" });
    expect(await rate(merchantId, "2026-11-10T00:00:00Z")).toBe(200);
    await Promise.all(Array.from({ length: 4 }, () => world.sell({ merchantId, units: 2_500_000n, at })));
    expect(await rate(merchantId, "2026-11-10T00:00:00Z")).toBe(150);
  });

  it("is not guessed for a merchant that does not exist, and the sums cannot be written by the application", async () => {
    await expect(rate("mer_none", "2026-11-01T00:00:00Z")).rejects.toThrow("does not exist");
    await expect(world.database.raw("UPDATE access_monthly_volumes SET gross_nanodollars = 0")).rejects.toThrow(
      "permission denied",
    );
  });
});
