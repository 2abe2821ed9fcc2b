import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { mend, park, repairOf } from "../repairs/repair-world.ts";
import { type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
  await park(app, sale, null);
  await mend(app, sale, repairOf("retryStep"));
});
afterAll(() => app.close());

const Page = z.object({
  entries: z.array(z.object({ at: z.string(), what: z.string(), ref: z.string() })),
  next_cursor: z.string().nullable(),
});

async function page(query: string) {
  const { status, body } = await app.call(`/admin/purchases/${sale.purchaseId}/timeline${query}`, { key: ADMIN_TOKEN });
  expect(status).toBe(200);
  return Page.parse(body);
}

it("tells deposits, events and repairs in one order", async () => {
  const { entries, next_cursor } = await page("");
  const what = entries.map((entry) => entry.what);
  expect([...what].sort()).toEqual(
    ["deposit.confirmed", "deposit.observed", "purchase.active", "purchase.created", "repair.retryStep"].filter(
      (name) => what.includes(name),
    ),
  );
  expect(what).toEqual(expect.arrayContaining(["deposit.observed", "purchase.created", "repair.retryStep"]));
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort());
  expect(what.at(-1)).toBe("repair.retryStep");
  expect(next_cursor).toBeNull();
});

it("answers the same lines page by page, each once", async () => {
  const whole = (await page("")).entries;
  const found: unknown[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const next: z.infer<typeof Page> = await page(`?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
    found.push(...next.entries);
    cursor = next.next_cursor;
  }
  expect(found).toEqual(whole);
});

it("begins at the start with a cursor nobody gave out, and does not find what is not there", async () => {
  expect((await page("?cursor=bm9uc2Vuc2U")).entries).toEqual((await page("")).entries);
  expect((await app.call("/admin/purchases/pur_none/timeline", { key: ADMIN_TOKEN })).status).toBe(404);
  expect([401, 403]).toContain(
    (await app.call(`/admin/purchases/${sale.purchaseId}/timeline`, { key: sale.customerKey })).status,
  );
});
