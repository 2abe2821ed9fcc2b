import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const idsOf = (body: Readonly<Record<string, unknown>>) =>
  (Array.isArray(body.data) ? body.data : []).map(({ id }) => String(id));

async function shop() {
  const opened = await openPaidShop(app);
  return { ...opened, list: (query = "") => opened.read(`payments?${query}`) };
}

describe("GET /api/v1/merchant/payments", () => {
  it("shows amount, fee and net in dollars and base units, which add up", async () => {
    const { pay, list } = await shop();
    const { id, assetId } = await pay({ amount_units: 100_001, fee_units: 2_000, gross_nanodollars: "100001000" });
    expect((await list()).data).toMatchObject([
      {
        ...{ id, assetId, status: "failed", amount: "0.100001", fee: "0.002", net: "0.098001" },
        ...{ amountUnits: "100001", feeUnits: "2000", netUnits: "98001", transaction: null },
      },
    ]);
  });

  it("filters by status, asset and time, and pages", async () => {
    const { pay, list } = await shop();
    const old = await pay({ created_at: new Date("2026-01-02T12:00:00Z") });
    const doubtful = await pay({ status: "unknown", resolved_at: null });
    expect(idsOf(await list())).toEqual([doubtful.id, old.id]);
    expect(idsOf(await list("status=unknown"))).toEqual([doubtful.id]);
    expect(idsOf(await list(`assetId=${old.assetId}`))).toEqual([old.id]);
    expect(idsOf(await list("from=2026-01-02&to=2026-01-03"))).toEqual([old.id]);
    expect(idsOf(await list("to=2026-01-02T12:00:00Z"))).toEqual([]);
    const first = await list("limit=1");
    expect(idsOf(await list(`limit=1&cursor=${first.nextCursor}`))).toEqual([old.id]);
    for (const wrong of ["status=lost", "from=yesterday", "cursor=%00", "limit=x"])
      expect(await list(wrong)).toMatchObject({ status: 400 });
  });

  it("shows nobody another merchant's payments", async () => {
    const [ours, theirs] = [await shop(), await shop()];
    await theirs.pay();
    expect((await ours.list()).data).toEqual([]);
    expect((await app.call("/api/v1/merchant/payments")).status).toBe(401);
  });
});
