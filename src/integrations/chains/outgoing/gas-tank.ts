import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, SweepMethod } from "../chain.ts";
import { averageSweepCosts, type GasTank, type SweepCost, type TankLevel } from "./gas-tank-store.ts";

/**
 * Gas one sweep takes by its method, with room, while no sweep of it has been paid yet: an authorised transfer of USDC was seen to take
 * 60,000 to 90,000; a top-up and a transfer 21,000 and 40,000 to 65,000, at a fee cap of twice the price. On Solana gas is signatures:
 * two, and a little for priority.
 */
const ESTIMATED_GAS: Readonly<Record<string, bigint>> = {
  receive_with_authorization: 100_000n,
  gas_top_up: 200_000n,
  sponsored_transfer: 3n,
};
const UNKNOWN_METHOD_GAS = 200_000n;

/** A tank at `low` alerts, one at `empty` pays for no more sweeps; both in sweeps. */
export type TankLevels = { readonly lowSweeps: number; readonly emptySweeps: number };

/**
 * Reads a vendor wallet's balance and how many sweeps it still pays for, by what recent sweeps really took, at the gas price of now or
 * what they paid, whichever is dearer. Throws `RpcUnavailable` or `ChainIdMismatch`.
 */
export async function readGasTank(
  needs: { readonly database: Database; readonly chain: Chain },
  input: { readonly vendorWallet: string },
): Promise<GasTank> {
  const { chain, database } = needs;
  const [balanceUnits, gasPriceUnits, costs] = await Promise.all([
    chain.readNativeBalance(input.vendorWallet),
    chain.readGasPrice(),
    averageSweepCosts(database, chain.network.id),
  ]);
  const methods = new Map<SweepMethod, string[]>();
  for (const { sweepMethod, address } of chain.network.tokens)
    methods.set(sweepMethod, [...(methods.get(sweepMethod) ?? []), address]);
  const runways = Object.fromEntries(
    [...methods].map(([method, tokens]) => {
      const seen = costs.filter(({ token }) => tokens.includes(token));
      return [method, sweepsLeft(balanceUnits, priceOfSweep({ method, seen, gasPriceUnits }))];
    }),
  );
  return {
    chain: chain.network.id,
    wallet: input.vendorWallet,
    nativeSymbol: chain.network.nativeSymbol,
    balanceUnits,
    gasPriceUnits,
    sweepsLeft: Math.min(Number.MAX_SAFE_INTEGER, ...Object.values(runways)),
    runways,
  };
}

/** Native base units one sweep costs, by the dearest of its tokens; an estimate while none was seen. Pure. */
export function priceOfSweep(input: {
  readonly method: string;
  readonly seen: readonly SweepCost[];
  readonly gasPriceUnits: bigint;
}): bigint {
  const { method, seen, gasPriceUnits } = input;
  if (seen.length === 0) return gasPriceUnits * (ESTIMATED_GAS[method] ?? UNKNOWN_METHOD_GAS);
  let dearest = 0n;
  for (const price of seen.flatMap(({ gas, feeUnits }) => [gas * gasPriceUnits, feeUnits]))
    if (price > dearest) dearest = price;
  return dearest;
}

/**
 * How full a tank is, given how full it was: a level is left again only a fifth above where it began, so a gas price that swings around
 * it is one crossing. Pure.
 */
export function decideTankLevel(before: TankLevel, left: number, levels: TankLevels): TankLevel {
  const isBelow = (level: number, wasBelow: boolean) => left < (wasBelow ? Math.ceil(level * 1.2) : level);
  if (isBelow(levels.emptySweeps, before === "empty")) return "empty";
  return isBelow(levels.lowSweeps, before !== "ok") ? "low" : "ok";
}

function sweepsLeft(balanceUnits: bigint, perSweep: bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const left = perSweep === 0n ? most : balanceUnits / perSweep;
  return Number(left > most ? most : left);
}
