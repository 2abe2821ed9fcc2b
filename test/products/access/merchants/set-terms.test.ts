import { afterAll, beforeAll, expect, it } from "vitest";
import { setMerchantTerms } from "../../../../src/products/access/merchants/set-terms.ts";
import { type AccessRows, LOCAL, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

const SIGNED = { actor: "ops", note: "" } as const;

it("takes custodial settlement where the platform has a wallet on a network of the merchant", async () => {
  const { merchantId } = await rows.register();
  const terms = { settlementMode: "custodial" } as const;
  const refused = setMerchantTerms(rows.needs, { merchantId, terms, requestId: "r1", ...SIGNED });
  await expect(refused).rejects.toMatchObject({ code: "settlement_wallet_missing" });
  const needs = { ...rows.needs, settlementWalletOf: (network: string) => (network === LOCAL.id ? "0xS" : null) };
  const set = await setMerchantTerms(needs, { merchantId, terms, requestId: "r1", ...SIGNED });
  expect(set).toMatchObject({ id: merchantId, settlementMode: "custodial", feeBasisPoints: null });
});

it("writes what changed and what was before, once", async () => {
  const { merchantId } = await rows.register();
  const input = { merchantId, terms: { feeBasisPoints: 7 }, requestId: "r2", ...SIGNED };
  await Promise.all([setMerchantTerms(rows.needs, input), setMerchantTerms(rows.needs, input)]);
  const written = await rows.database("operator_actions").where("request_id", "r2");
  expect(written).toMatchObject([
    { input: { feeBasisPoints: 7 }, outcome: { data: { before: { feeBasisPoints: null } } } },
  ]);
});
