import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccessApp, addAsset, register, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app?.close());

const at = (id: string) => `https://shop.example/api/v1/access/${id}`;

it("tells crawlers by absolute public address what answers 402, and leaves out what nobody can pay for", async () => {
  const [open, ended] = [await register(app), await register(app)];
  const { id } = await addAsset(app, open);
  await addAsset(app, open, { status: "maintenance" });
  await addAsset(app, ended);
  await app.call("/api/v1/auth/deactivate", { method: "DELETE", key: ended.key });
  const { status, headers, body } = await app.call("/.well-known/x402");
  expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=60"]);
  expect(body).toMatchObject({ version: 1, x402Version: 2, resources: [at(id)], nextCursor: null });
  expect(body.openapi).toBe("https://shop.example/openapi.json");
  expect((await app.call("/.well-known/x402.json")).body).toEqual(body);
});

it("goes on behind a cursor, each once, and refuses one that is none", async () => {
  const merchant = await register(app);
  const { id } = await addAsset(app, merchant);
  const row = await app.owner("assets").where({ id }).first();
  const more = Array.from({ length: 200 }, (_, at) => ({ ...row, id: `z${String(at).padStart(4, "0")}` }));
  await app
    .owner("assets")
    .insert(more.map(({ metadata, ...rest }) => ({ ...rest, metadata: JSON.stringify(metadata) })));
  const first = await app.call("/.well-known/x402");
  const second = await app.call(`/.well-known/x402?cursor=${first.body.nextCursor}`);
  expect(first.body.resources).toEqual(more.map((asset) => at(asset.id)).reverse());
  expect(second.body.resources).toContain(at(id));
  expect(await app.call("/.well-known/x402?cursor=%00")).toMatchObject({ status: 400 });
});
