import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { replaceStuck } from "../../../../src/products/purchases/watch/stuck-store.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  const since = new Date("2026-01-01T00:00:00.000Z");
  const words = { kind: "sweep", since, reason: "gas_tank_empty", detail: "It waits.", nextAction: "Refill." };
  const found = ["sweep/dep_1", "sweep/dep_2", "sweep/dep_3"].map((subject) => ({ ...words, subject }));
  await replaceStuck(app.database, { found, alert: "stuck/1" });
});
afterAll(() => app.close());

const list = (query = "", key = ADMIN_TOKEN) => app.call(`/admin/stuck${query}`, { key });

const Page = z.object({ items: z.array(z.looseObject({ subject: z.string() })), next_cursor: z.string().nullable() });

describe("GET /admin/stuck", () => {
  it("200: tells what is stuck, since when, why, and what to do, page by page", async () => {
    const first = Page.parse((await list("?limit=2")).body);
    const second = Page.parse((await list(`?limit=2&cursor=${first.next_cursor}`)).body);
    const told = {
      kind: "sweep",
      since: "2026-01-01T00:00:00.000Z",
      reason: "gas_tank_empty",
      detail: "It waits.",
      next_action: "Refill.",
    };
    expect([...first.items, ...second.items]).toMatchObject([told, told, told]);
    expect([first.items.length, second.items.length, second.next_cursor]).toEqual([2, 1, null]);
    const subjects = [...first.items, ...second.items].map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(["sweep/dep_1", "sweep/dep_2", "sweep/dep_3"]);
  });

  it("200: by kind", async () => {
    expect((await list("?kind=wake")).body).toEqual({ items: [], next_cursor: null });
  });

  it("400 invalid_request: for a limit, kind or cursor that is none", async () => {
    for (const query of ["?limit=0", "?limit=501", "?limit=x", "?kind=everything", "?cursor=1%27--", "?cursor="])
      expect([query, (await list(query)).status]).toEqual([query, 400]);
  });

  it("401 unauthorized: without the operator's token", async () => {
    expect((await list("", "wrong-token-of-nobody-at-all-000")).status).toBe(401);
    expect((await app.call("/admin/stuck")).status).toBe(401);
  });
});
