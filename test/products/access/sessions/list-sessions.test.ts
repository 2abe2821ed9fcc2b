import { afterAll, expect, it } from "vitest";
import { listSessionPage } from "../../../../src/products/access/sessions/list-sessions.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

const EVERY = { merchantId: null, assetId: null, status: null, before: null };

it("shows each session once, newest first, with its payer and what is left, and never its token", async () => {
  const sold = [await world.sell(), await world.sell(), await world.sell()];
  const ids: string[] = [];
  let before: string | null = null;
  do {
    const page = await listSessionPage(world, { ...EVERY, before, limit: 2 });
    ids.push(...page.items.map(({ sessionId }) => sessionId));
    before = page.nextCursor;
    for (const { token } of sold) expect(JSON.stringify(page)).not.toContain(token);
  } while (before !== null);
  expect(ids).toEqual(
    sold
      .map(({ session }) => session.id)
      .sort()
      .reverse(),
  );
});

it("shows what is asked for: a merchant's, an asset's, those of a status", async () => {
  const { session } = await world.sell();
  const { merchantId, assetId, payer } = session;
  const list = async (filter: object) => (await listSessionPage(world, { ...EVERY, limit: 50, ...filter })).items;
  expect(await list({ merchantId })).toMatchObject([
    { sessionId: session.id, merchantId, payer, network: "eip155:31337" },
  ]);
  expect(await list({ assetId, status: "active" })).toHaveLength(1);
  expect(await list({ assetId, status: "expired" })).toEqual([]);
});
