import { afterAll, beforeAll, expect, it } from "vitest";
import { reissueMerchantKey } from "../../../../src/products/access/merchants/reissue-key.ts";
import { type AccessRows, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("writes down who gave a new key and why, in the same transaction", async () => {
  const { merchantId } = await rows.register();
  const signed = { actor: "ops", note: "lost" };
  const { id } = await reissueMerchantKey(rows.needs, { merchantId, overlapSeconds: 0, ...signed });
  const written = await rows.database("operator_actions").where("subject", `merchant/${merchantId}`);
  expect(written).toMatchObject([{ ...signed, outcome: { data: { keyId: id } } }]);
  const unknown = reissueMerchantKey(rows.needs, { merchantId: "mer_x", overlapSeconds: 0, ...signed });
  await expect(unknown).rejects.toMatchObject({ code: "merchant_not_found" });
  expect(await rows.database("operator_actions")).toHaveLength(1);
});
