import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccessApp, addAsset, register, rowsOf, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const list = (key: string, query = "") => app.call(`/api/v1/merchant/assets${query}`, { key });
const NOTHING = { payments: 0, gross: "0", fee: "0", net: "0", returned: "0", returnedFee: "0", earned: "0" };

it("200: A09: each merchant's own assets only, newest first, in pages", async () => {
  const [one, other] = [await register(app), await register(app)];
  const ids = [await addAsset(app, one), await addAsset(app, one), await addAsset(app, one)].map(({ id }) => id);
  await addAsset(app, other);
  const first = await list(one.key, "?limit=2");
  const second = await list(one.key, `?limit=2&cursor=${first.body.nextCursor}`);
  expect([...rowsOf(first), ...rowsOf(second)].map(({ assetId }) => assetId)).toEqual(ids.toReversed());
  expect(second.body.nextCursor).toBeNull();
  expect(rowsOf(first)[0]).toMatchObject({ status: "available", pricePerUnit: "0.10", earnings: NOTHING });
});

it("200: what an asset earned is the sum of its settled payments, to the last unit", async () => {
  const merchant = await register(app);
  const { id } = await addAsset(app, merchant);
  await settledPayment({ merchantId: merchant.id, assetId: id, units: 100_001n, feeUnits: 2_000n, status: "settled" });
  await settledPayment({ merchantId: merchant.id, assetId: id, units: 333_333n, feeUnits: 6_666n, status: "settled" });
  await settledPayment({
    merchantId: merchant.id,
    assetId: id,
    units: 5_000_000n,
    feeUnits: 100_000n,
    status: "failed",
  });
  expect(rowsOf(await list(merchant.key))[0]?.earnings).toEqual({
    ...NOTHING,
    ...{ payments: 2, gross: "0.433334", fee: "0.008666", net: "0.424668", earned: "0.424668" },
  });
});

it("401 without a key, 400 for what is no query of this", async () => {
  const { key } = await register(app);
  expect((await list("")).status).toBe(401);
  for (const query of ["?limit=0", "?merchant=x", "?cursor=%00"]) expect((await list(key, query)).status).toBe(400);
});

async function settledPayment(input: {
  readonly merchantId: string;
  readonly assetId: string;
  readonly units: bigint;
  readonly feeUnits: bigint;
  readonly status: "settled" | "failed";
}) {
  const { merchantId, assetId, units, feeUnits, status } = input;
  const key = `${assetId}-${units}`;
  const owned = { merchant_id: merchantId, asset_id: assetId };
  const terms = { unit: "minute", unit_seconds: 60, units: 1 };
  const now = new Date();
  const gross = (units * 1000n).toString();
  await app.owner("access_quotes").insert({
    ...{ id: `quo_${key}`, secret_hash: Buffer.alloc(32), ...owned, ...terms, price_nanodollars: gross },
    ...{ total_nanodollars: gross, settlement_mode: "direct", options: "[]", expires_at: now },
  });
  const session = { id: `ses_${key}`, token_hash: hashOf(units), token_sealed: "x", ...owned, ...terms };
  await app.owner("access_sessions").insert({
    ...{ ...session, payer_network: "eip155:31337", payer: "0x1", status: "expired", paid_nanodollars: gross },
    ...{ started_at: new Date(0), expires_at: now, ended_at: now },
  });
  await app.owner("access_payments").insert({
    ...{
      id: `pay_${key}`,
      quote_id: `quo_${key}`,
      ...owned,
      is_extension: false,
      session_id: session.id,
      dialect: "v2",
    },
    ...{ status, settlement_mode: "direct", network: "eip155:31337", token: "USDC", pay_to: "0x1", payer: "0x2" },
    ...{
      amount_units: units.toString(),
      gross_nanodollars: gross,
      fee_basis_points: 200,
      fee_units: feeUnits.toString(),
    },
    ...{ payload_key: key, transaction: `0x${units}`, resolved_at: now },
  });
}

function hashOf(units: bigint): Buffer {
  return Buffer.from(units.toString().padStart(32, "0"));
}
