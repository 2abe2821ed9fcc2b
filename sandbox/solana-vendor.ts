import { readFileSync } from "node:fs";
import { openSolanaKeys } from "../src/integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../src/integrations/chains/solana/networks.ts";
import { parseDollars } from "../src/money/nanodollars.ts";
import type { SolanaPart } from "./parts/solana.ts";
import { setTokens } from "./parts/surfnet.ts";
import type { SandboxSecrets } from "./secrets.ts";

/** The name of the Solana chain on our wire: what `initiate` takes as `chain`. */
export const SOLANA_CHAIN = "solana";

const TEN_SOL = 10n ** 10n;

/**
 * Gives the vendor's Solana wallet, which the keystore's mnemonic makes, SOL to pay for sweeps and payouts, and the settlement wallet the
 * token account without which nobody can pay it. Does nothing where there is no chain.
 */
export async function fundSolanaVendor(
  solana: SolanaPart | undefined,
  secrets: Pick<SandboxSecrets, "keystoreFile" | "passwordFile" | "settlementWallets">,
): Promise<void> {
  if (solana === undefined) return;
  const network = solanaNetwork({
    cluster: "local",
    shortName: SOLANA_CHAIN,
    nativePrice: parseDollars("150"),
    usdc: solana.usdcMint,
  });
  const { signer } = await openSolanaKeys({
    keystoreJson: readFileSync(secrets.keystoreFile, "utf8"),
    password: readFileSync(secrets.passwordFile, "utf8"),
    network,
  });
  await solana.fund(signer.vendorWallet, TEN_SOL);
  await setTokens(solana.rpc, { owner: secrets.settlementWallets.solana, units: 0n });
}
