import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { type AccessApp, register, rowsOf, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const list = (query = "", key = ADMIN_TOKEN) => app.call(`/admin/merchants${query}`, { key });
const ids = async (query: string) => rowsOf(await list(query)).map(({ merchantId }) => merchantId);

it("200: merchants newest first, in pages, and found by id, wallet and part of a name", async () => {
  const [one, two, three] = [
    await register(app, { name: "100% Cafe" }),
    await register(app, { name: "100 Cafes" }),
    await register(app, { name: "Printers" }),
  ];
  const first = await list("?limit=2");
  const second = await list(`?limit=2&cursor=${first.body.nextCursor}`);
  expect([...rowsOf(first), ...rowsOf(second)].map(({ merchantId }) => merchantId)).toEqual([three.id, two.id, one.id]);
  expect(await ids(`?search=${one.id}`)).toEqual([one.id]);
  expect(await ids(`?search=${two.wallet}`)).toEqual([two.id]);
  expect(await ids("?search=100%25")).toEqual([one.id]);
  expect(rowsOf(await list("?search=Printers"))[0]).toMatchObject({
    name: "Printers",
    feeBasisPoints: null,
    isActive: true,
  });
  await app.call("/api/v1/auth/deactivate", { method: "DELETE", key: two.key });
  expect([await ids("?active=false"), await ids("?active=true")]).toEqual([[two.id], [three.id, one.id]]);
});

it("shows no key, and 401, 403 and 400 to whom and what it must", async () => {
  const { key } = await register(app);
  expect(JSON.stringify((await list()).body).includes(key)).toBe(false);
  expect([(await list("", "")).status, (await list("", key)).status]).toEqual([401, 403]);
  for (const query of ["?limit=x", "?active=1", "?search=", "?fee=2"]) expect((await list(query)).status).toBe(400);
});
