import { openKeystoreSigner } from "../src/integrations/chains/evm/keystore-signer.ts";
import { openSolanaKeys } from "../src/integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../src/integrations/chains/solana/networks.ts";
import { ZERO } from "../src/money/nanodollars.ts";
import { LOCAL_USDC_MINT } from "./parts/surfnet.ts";

/** Where payments for merchants in custodial mode arrive: keys of the signer's own mnemonic, at paths of their own. */
export type SettlementWallets = { readonly evm: string; readonly solana: string };

/** The settlement wallets that belong to a keystore: the worker does not start with any others. */
export async function readSettlementWallets(keystore: {
  readonly keystoreJson: string;
  readonly password: string;
}): Promise<SettlementWallets> {
  // An address is the same on every network, so any will do.
  const network = solanaNetwork({ cluster: "local", shortName: "solana", nativePrice: ZERO, usdc: LOCAL_USDC_MINT });
  const [evm, solana] = await Promise.all([
    openKeystoreSigner({ ...keystore, networks: [] }),
    openSolanaKeys({ ...keystore, network }),
  ]);
  return { evm: evm.settlementWallet, solana: solana.signer.settlementWallet };
}
