import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readGasTank } from "../../../src/integrations/chains/gas-tank.ts";
import { evmMissing } from "../../support/evm.ts";
import { type ChainWorld, startChainWorld } from "./chain-world.ts";

describe.skipIf(evmMissing !== undefined)("the gas tank", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("tells how many sweeps the gas tank still pays for", async () => {
    const { vendorWallet } = world.signer;
    const full = await readGasTank(world, { vendorWallet });
    expect(full).toMatchObject({
      chain: "eip155:31337",
      wallet: vendorWallet,
      balanceUnits: 10n ** 18n,
      nativeSymbol: "ETH",
    });
    expect(full.sweepsLeft).toBe(Number(10n ** 18n / (full.gasPriceUnits * 100_000n)));
    await world.evm.fund(vendorWallet, 0n);
    expect(await readGasTank(world, { vendorWallet })).toMatchObject({ balanceUnits: 0n, sweepsLeft: 0 });
  });
});
