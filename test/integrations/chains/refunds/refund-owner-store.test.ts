import { afterAll, beforeAll, expect, it } from "vitest";
import { isRefundOf } from "../../../../src/integrations/chains/refunds/refund-owner-store.ts";
import { insertRefund } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { addAddress, addDeposit, CHAIN, openRows, TOKEN } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.stop());

it("knows a refund by its deposit, its account or the address its deposit reached, and by nothing else", async () => {
  const { database } = rows;
  const address = await addAddress(database);
  const deposit = await addDeposit(database, address);
  const { id } = await insertRefund(database, {
    ...{ key: "k", part: 1, depositId: deposit.id, chain: CHAIN, token: TOKEN, destination: "0x1" },
    ...{ amountUnits: 1n, account: "suspense/late", amount: null, depositAddressId: null },
  });
  expect(await isRefundOf(database, id, { depositId: deposit.id })).toBe(true);
  expect(await isRefundOf(database, id, { account: "suspense/late", depositAddressId: "da_other" })).toBe(true);
  expect(await isRefundOf(database, id, { account: "purchase/pur_other", depositAddressId: address.id })).toBe(true);
  expect(await isRefundOf(database, id, { account: "purchase/pur_other", depositAddressId: "da_other" })).toBe(false);
  expect(await isRefundOf(database, id, { depositId: "dep_other" })).toBe(false);
  expect(await isRefundOf(database, "ref_none", { depositId: deposit.id })).toBe(false);
});
