import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QuoteOption } from "../../../../../src/integrations/x402/payment.ts";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import { newId } from "../../../../../src/platform/ids.ts";
import {
  findOpenQuote,
  findQuote,
  insertQuote,
  purgeQuotes,
  type QuoteTraits,
} from "../../../../../src/products/access/payments/quotes/quote-store.ts";
import { startSessionWorld } from "../../sessions/session-world.ts";

const world = await startSessionWorld();
const { database, owner } = world;
let asset: Awaited<ReturnType<typeof world.sellAsset>>;
beforeAll(async () => {
  asset = await world.sellAsset();
});
afterAll(() => world.close());

const USDC = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const PAY_TO = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
const NOW = new Date("2026-05-01T00:00:00Z");
const option = (changes: Partial<QuoteOption> = {}): QuoteOption => ({
  ...{ network: "eip155:31337", caip2: "eip155:31337", v1Name: null, token: "USDC", asset: USDC, decimals: 6 },
  ...{
    payTo: PAY_TO,
    amountUnits: "500000",
    facilitator: "stub",
    facilitatorUrl: "https://stub.example",
    requirements: {},
    requirementsV1: null,
  },
  ...changes,
});

async function quote(changes: { readonly expiresAt?: Date; readonly options?: readonly QuoteOption[] } = {}) {
  const made = {
    ...{ id: newId("qte"), secretHash: Buffer.alloc(32, 1), ...asset, sessionId: null, unit: "minute" as const },
    ...{ unitSeconds: 60, units: 5, price: nanodollars(100_000_000n), total: nanodollars(500_000_000n) },
    ...{ settlementMode: "direct" as const, options: [option()], createdAt: NOW },
    ...{ expiresAt: new Date(NOW.getTime() + 300_000), ...changes },
  };
  await insertQuote(database, made);
  return made;
}
const open = async (changes: Partial<QuoteTraits> = {}) => {
  const traits = { assetId: asset.assetId, sessionId: null, units: null, network: "eip155:31337", payTo: PAY_TO };
  const found = await findOpenQuote(database, { ...traits, asset: USDC, amountUnits: 500_000n, now: NOW, ...changes });
  return found?.id ?? null;
};

describe("quotes", () => {
  it("are kept word for word, expired ones too", async () => {
    const made = await quote({ expiresAt: NOW });
    expect(await findQuote(database, made.id)).toEqual(made);
    expect(await findQuote(database, "qte_none")).toBeNull();
  });

  it("are found by what a version 1 payment says, the newest that is open", async () => {
    const older = await quote();
    const newer = await quote({ expiresAt: new Date(NOW.getTime() + 301_000) });
    expect(await open()).toBe(newer.id);
    expect(await open({ payTo: PAY_TO.toLowerCase(), asset: USDC.toLowerCase(), units: 5 })).toBe(newer.id);
    expect(await open({ now: new Date(NOW.getTime() + 302_000) })).toBeNull();
    const wrong = [
      { amountUnits: 500_001n },
      { units: 4 },
      { network: "eip155:1" },
      { payTo: USDC },
      { asset: PAY_TO },
    ];
    for (const traits of [...wrong, { sessionId: "acs_1" }, { assetId: "ast_1" }])
      expect(await open(traits)).toBeNull();
    expect(older.id).not.toBe(newer.id);
  });

  it("of Solana are told apart by the case of an address", async () => {
    const network = "solana:local";
    const made = await quote({ options: [option({ network, asset: "Mint" })], expiresAt: new Date(NOW.getTime() + 1) });
    expect(await open({ network, asset: "Mint", payTo: null })).toBe(made.id);
    expect(await open({ network, asset: "mint", payTo: null })).toBeNull();
  });

  it("go a day after they expired, oldest first, unless somebody tried to pay one", async () => {
    await owner("access_quotes").delete();
    const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
    const [fresh, old, older] = [
      await quote({ expiresAt: hours(23) }),
      await quote({ expiresAt: hours(25) }),
      await quote({ expiresAt: hours(26) }),
    ];
    const { session } = await world.sell();
    await world.paySession(session.id);
    await owner("access_quotes")
      .where("session_id", session.id)
      .update({ expires_at: hours(90) });
    expect(await purgeQuotes(database, 1)).toBe(1);
    expect(await findQuote(database, older.id)).toBeNull();
    expect([await purgeQuotes(database, 10), await purgeQuotes(database, 10)]).toEqual([1, 0]);
    const left = await owner("access_quotes").pluck("id");
    expect(left).toContain(fresh.id);
    expect(left).not.toContain(old.id);
    expect(left).toHaveLength(2);
  });
});
