import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgetOld } from "../../../../src/products/access/telling/forget-regularly.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, addPayment, tell } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const HOUR = 3_600_000;

describe("forgetOld", () => {
  it("forgets quotes a day after they expired, and keeps every quote that somebody tried to pay", async () => {
    const merchantId = await addMerchant(app.database);
    const { quoteId: tried } = await addPayment(app.database, merchantId);
    const { expires_at: _, ...quote } = await app.owner("access_quotes").where("id", tried).first();
    const copy = { ...quote, options: "[]" };
    const aged = (id: string, hours: number) =>
      app.owner("access_quotes").insert({ ...copy, id, expires_at: new Date(Date.now() - hours * HOUR) });
    await aged("old", 25);
    await aged("recent", 23);
    // More than one batch: whoever asks for offers without paying must not be faster than who forgets them.
    const columns = [...Object.keys(copy), "expires_at"].filter((column) => column !== "id").join(", ");
    await app.owner.raw(
      `INSERT INTO access_quotes (id, ${columns}) SELECT 'many_' || n, ${columns} FROM access_quotes, generate_series(1, 5500) n
       WHERE id = 'old'`,
    );
    await app
      .owner("access_quotes")
      .where("id", tried)
      .update({ expires_at: new Date(0) });
    expect((await forgetOld(app)).quotes).toBe(5_501);
    const left: { id: string }[] = await app.database("access_quotes").where("merchant_id", merchantId).select("id");
    expect(left.map(({ id }) => id).sort()).toEqual([tried, "recent"].sort());
  });

  it("forgets events after 90 days, and nothing before", async () => {
    const merchantId = await addMerchant(app.database);
    const [old, recent] = [await tell(app.database, { merchantId }), await tell(app.database, { merchantId })];
    const age = (id: string, days: number) =>
      app
        .owner("access_events")
        .where("id", id)
        .update({ occurred_at: new Date(Date.now() - days * 24 * HOUR) });
    await age(old, 91);
    await age(recent, 89);
    expect((await forgetOld(app)).events).toBe(1);
    const left: { id: string }[] = await app.database("access_events").where("merchant_id", merchantId).select("id");
    expect(left).toEqual([{ id: recent }]);
    expect(await forgetOld(app)).toEqual({ quotes: 0, events: 0 });
  });
});
