import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideTankLevel, priceOfSweep, readGasTank } from "../../../../src/integrations/chains/outgoing/gas-tank.ts";
import type { TankLevel } from "../../../../src/integrations/chains/outgoing/gas-tank-store.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type ChainWorld, ONE_DOLLAR, paidPayee, prepareOpen, send, startChainWorld } from "../chain-world.ts";

const LEVELS = { lowSweeps: 50, emptySweeps: 3 };

describe.skipIf(evmMissing !== undefined)("the gas tank", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("tells by an estimate how many sweeps it pays for, while none was paid yet", async () => {
    const { vendorWallet } = world.signer;
    const full = await readGasTank(world, { vendorWallet });
    expect(full).toMatchObject({
      chain: "eip155:31337",
      wallet: vendorWallet,
      balanceUnits: 10n ** 18n,
      nativeSymbol: "ETH",
    });
    expect(full.runways).toEqual({
      receive_with_authorization: Number(10n ** 18n / (full.gasPriceUnits * 100_000n)),
      gas_top_up: Number(10n ** 18n / (full.gasPriceUnits * 200_000n)),
    });
    expect(full.sweepsLeft).toBe(full.runways.gas_top_up);
  });

  it("tells by what sweeps really took, once some were paid", async () => {
    const { vendorWallet } = world.signer;
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    const mined = await send(world, sweep);
    await recordSweep(world, { sweepId: sweep.sweepId });
    if (mined.state !== "mined") throw new Error("the sweep was not mined");
    const seen = await readGasTank(world, { vendorWallet });
    const byGas = BigInt(mined.gasUsed) * seen.gasPriceUnits;
    const fee = BigInt(mined.feeUnits);
    expect(seen.runways.receive_with_authorization).toBe(Number(seen.balanceUnits / (byGas > fee ? byGas : fee)));
  });

  it("pays for nothing when it is empty", async () => {
    const { vendorWallet } = world.signer;
    await world.evm.fund(vendorWallet, 0n);
    expect(await readGasTank(world, { vendorWallet })).toMatchObject({ balanceUnits: 0n, sweepsLeft: 0 });
  });
});

describe("priceOfSweep", () => {
  it("C13: follows a gas price that rose fifty times since the last sweep, and never falls below what was paid", () => {
    const seen = [{ token: "usdc", gas: 80_000n, feeUnits: 80_000n }];
    const method = "receive_with_authorization";
    expect(priceOfSweep({ method, seen, gasPriceUnits: 50n })).toBe(4_000_000n);
    expect(
      priceOfSweep({ method, seen: [{ token: "usdc", gas: 80_000n, feeUnits: 160_000n }], gasPriceUnits: 1n }),
    ).toBe(160_000n);
    expect(priceOfSweep({ method: "unheard_of", seen: [], gasPriceUnits: 2n })).toBe(400_000n);
  });
});

describe("decideTankLevel", () => {
  it.each<[TankLevel, number, TankLevel]>([
    ["ok", 50, "ok"],
    ["ok", 49, "low"],
    ["ok", 2, "empty"],
    ["low", 3, "low"],
    ["low", 59, "low"],
    ["low", 60, "ok"],
    ["empty", 3, "empty"],
    ["empty", 4, "low"],
    ["empty", 1_000, "ok"],
  ])("says after %s with %i sweeps left: %s", (before, left, after) => {
    expect(decideTankLevel(before, left, LEVELS)).toBe(after);
  });

  it("M07: crosses once while a price swings around the level a thousand times", () => {
    let level: TankLevel = "ok";
    let crossings = 0;
    for (let turn = 0; turn < 1_000; turn += 1) {
      const next = decideTankLevel(level, turn % 2 === 0 ? 48 : 52, LEVELS);
      if (next !== level) crossings += 1;
      level = next;
    }
    expect(crossings).toBe(1);
  });
});
