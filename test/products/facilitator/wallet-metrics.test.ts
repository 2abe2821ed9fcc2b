import { expect, it } from "vitest";
import type { WatchedWallet } from "../../../src/integrations/x402/own-facilitator/watch-wallets.ts";
import { createMetrics } from "../../../src/platform/http/metrics.ts";
import { registerWalletMetrics } from "../../../src/products/facilitator/wallet-metrics.ts";
import { BASE_SEPOLIA } from "../../integrations/x402/offers.ts";
import { stageFacilitator } from "./routes/staged-facilitator.ts";

const wallet: WatchedWallet = {
  ...{ network: BASE_SEPOLIA, wallet: "0x1", nativeUnits: 25n * 10n ** 16n, decimals: 18 },
  ...{ settlementsLeft: 12, isLow: true, blocked: "fees" },
};

it("shows each wallet that was seen in whole coins and settlements, and whether it can settle", async () => {
  const metrics = createMetrics({ processMetrics: false });
  let wallets: readonly WatchedWallet[] = [];
  registerWalletMetrics({ metrics, facilitator: { wallets: () => wallets } });
  expect(await metrics.metrics()).not.toContain('network="');
  wallets = [wallet];
  const lines = (await metrics.metrics()).split("\n").filter((line) => line.includes("{"));
  const labels = `{network="${BASE_SEPOLIA.shortName}"}`;
  expect(lines).toEqual([
    `facilitator_wallet_native${labels} 0.25`,
    `facilitator_settlements_left${labels} 12`,
    `facilitator_blocked${labels} 1`,
  ]);
});

it("is said by /readyz too: a network on which nothing can be settled is a part that is out", async () => {
  const staged = await stageFacilitator({ wallets: () => [wallet] });
  expect(await staged.get("/readyz")).toMatchObject({ body: { capabilities: { wallets: "unavailable" } } });
  await staged.stop();
});
