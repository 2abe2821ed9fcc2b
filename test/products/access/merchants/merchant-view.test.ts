import { expect, it } from "vitest";
import type { Merchant } from "../../../../src/products/access/merchant.ts";
import { showMerchant } from "../../../../src/products/access/merchants/merchant-view.ts";
import { LOCAL } from "../access-rows.ts";

const MERCHANT: Merchant = {
  ...{ id: "mer_1", name: "Shop", walletAddress: "0xA", feeBasisPoints: 50, settlementMode: "direct" },
  ...{ refundsUnused: false, isActive: true, createdAt: new Date(0) },
  wallets: [
    { network: LOCAL.id, address: "0xA" },
    { network: "eip155:1", address: "0xB" },
  ],
};

it("shows wallets by short name, and by id where the network is configured no more", () => {
  expect(showMerchant([LOCAL], MERCHANT)).toMatchObject({
    ...{ merchantId: "mer_1", wallets: { local: "0xA", "eip155:1": "0xB" }, createdAt: "1970-01-01T00:00:00.000Z" },
  });
});

it("does not show a merchant the rate the operator wrote down for it", () => {
  expect(Object.keys(showMerchant([LOCAL], MERCHANT))).not.toContain("feeBasisPoints");
});
