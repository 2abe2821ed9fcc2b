import type { HDNodeWallet, JsonRpcProvider } from "ethers";
import { mintTokens, type TokenSymbol } from "./evm-tokens.ts";

/** What only the owner of a local chain can do. Token amounts are base units (10^-6), coin amounts are wei. */
export type EvmControls = {
  /** Makes new tokens for `to`. */
  readonly mint: (token: TokenSymbol, to: string, amount: bigint) => Promise<void>;
  /** Sets the native balance of `to`. */
  readonly fund: (to: string, wei: bigint) => Promise<void>;
  /** The same, but only for an address that holds nothing yet. */
  readonly fundOnce: (to: string, wei: bigint) => Promise<void>;
  /** Adds `blocks` empty blocks at once. */
  readonly mine: (blocks: number) => Promise<void>;
};

/** The controls of the chain behind `provider`; `deployer` owns both tokens. */
export function evmControls(needs: {
  readonly provider: JsonRpcProvider;
  readonly deployer: HDNodeWallet;
  readonly tokens: { readonly usdc: string; readonly usdt: string };
}): EvmControls {
  const { provider, deployer, tokens } = needs;
  const fund = async (to: string, wei: bigint) => {
    await provider.send("anvil_setBalance", [to, `0x${wei.toString(16)}`]);
  };
  return {
    mint: (token, to, amount) =>
      mintTokens({ deployer, address: token === "USDC" ? tokens.usdc : tokens.usdt }, { to, amount }),
    fund,
    fundOnce: async (to, wei) => {
      if ((await provider.getBalance(to)) === 0n) await fund(to, wei);
    },
    mine: async (blocks) => {
      await provider.send("anvil_mine", [`0x${blocks.toString(16)}`]);
    },
  };
}
