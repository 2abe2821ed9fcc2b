import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { park, putInto } from "../repairs/repair-world.ts";
import { finalize, initiate, pay, type Sale, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
let sales: readonly Sale[];
beforeAll(async () => {
  app = await startTestApp();
  sales = [await sell(app), await sell(app), await sell(app)];
  await park(app, sales[1] ?? { purchaseId: "" }, { phase: "terminate", stepName: "delete_bucket" });
  await putInto(app, sales[2] ?? { purchaseId: "" }, "grace");
});
afterAll(() => app.close());

const list = (query = "", key: string = ADMIN_TOKEN) => app.call(`/admin/purchases${query}`, { key });
const ids = (body: Readonly<Record<string, unknown>>) =>
  Array.isArray(body.purchases) ? body.purchases.map((purchase: { id: string }) => purchase.id) : [];

describe("GET /admin/purchases", () => {
  it("lists the newest first, page by page, each once", async () => {
    const first = await list("?limit=2");
    expect(ids(first.body)).toEqual([sales[2]?.purchaseId, sales[1]?.purchaseId]);
    const rest = await list(`?limit=2&cursor=${first.body.next_cursor}`);
    expect([ids(rest.body), rest.body.next_cursor]).toEqual([[sales[0]?.purchaseId], null]);
  });

  it("finds what is stuck, with the step, the reason and what to do", async () => {
    const { body } = await list("?stuck=true");
    expect(body.purchases).toMatchObject([
      {
        id: sales[1]?.purchaseId,
        balance: "5",
        needs_attention: true,
        stuck: { step: "do delete_bucket", code: "object_locked", next_action: "retryStep" },
        workflow_id: `purchase/${sales[1]?.purchaseId}`,
      },
    ]);
    expect(ids((await list("?needs_attention=true")).body)).toEqual([sales[1]?.purchaseId]);
    expect(ids((await list("?status=grace")).body)).toEqual([sales[2]?.purchaseId]);
  });

  it("finds by id and by the beginning of an organisation, a user and an e-mail address, and nothing by a wildcard", async () => {
    const session = await initiate(app, { email: "Ada@example.org", orgId: "org_north", userId: "user_7" });
    await pay(app, session, "5");
    const { purchase } = await finalize(app, session);
    for (const search of [purchase.id, session.checkout.id, session.checkout.depositAddress, "org_no", "user_", "ada@"])
      expect(ids((await list(`?search=${encodeURIComponent(search)}`)).body)).toEqual([purchase.id]);
    expect(ids((await list("?search=%25")).body)).toEqual([]);
  });

  it.each(HOSTILE_TEXTS)("%s as a search finds nothing or is refused", async (_what, search) => {
    const { status, body } = await list(`?search=${encodeURIComponent(search.replace(/\p{Surrogate}/gu, ""))}`);
    if (status === 200) expect(ids(body)).toEqual([]);
    else expect(status).toBe(400);
  });

  it.each(["?limit=0", "?limit=201", "?limit=x", "?status=dead", "?cursor=abc", "?stuck=maybe"])(
    "refuses %s",
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    },
  );

  it("A09: answers nobody but the operator", async () => {
    for (const key of [sales[0]?.customerKey ?? "", sales[0]?.vendorKey ?? ""])
      expect([401, 403]).toContain((await list("", key)).status);
  });
});
