import type { Chain } from "./chain.ts";

/** Gas one authorised transfer of USDC takes, with room: 60,000 to 90,000 were seen. */
const GAS_PER_SWEEP = 100_000n;

/** The native coin left for sweeps. `balanceUnits` is in native base units (wei); `sweepsLeft` at the gas price of now. */
export type GasTank = {
  readonly chain: string;
  readonly wallet: string;
  readonly nativeSymbol: string;
  readonly balanceUnits: bigint;
  readonly gasPriceUnits: bigint;
  readonly sweepsLeft: number;
};

/** Reads a vendor wallet's balance and how many sweeps it still pays for. Throws `RpcUnavailable` or `ChainIdMismatch`. */
export async function readGasTank(
  needs: { readonly chain: Chain },
  input: { readonly vendorWallet: string },
): Promise<GasTank> {
  const { chain } = needs;
  const [balanceUnits, gasPriceUnits] = await Promise.all([
    chain.readNativeBalance(input.vendorWallet),
    chain.readGasPrice(),
  ]);
  const perSweep = gasPriceUnits * GAS_PER_SWEEP;
  const left = perSweep === 0n ? BigInt(Number.MAX_SAFE_INTEGER) : balanceUnits / perSweep;
  return {
    chain: chain.network.id,
    wallet: input.vendorWallet,
    nativeSymbol: chain.network.nativeSymbol,
    balanceUnits,
    gasPriceUnits,
    sweepsLeft: Number(left > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : left),
  };
}
