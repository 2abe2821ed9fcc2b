import { readFile } from "node:fs/promises";
import type { WorkerConfig } from "./config.ts";
import { type Context, readKeystore } from "./context.ts";
import { openKeyVault } from "./integrations/aws/key-vault.ts";
import { openKeystoreSigner } from "./integrations/chains/evm/keystore-signer.ts";
import { openKmsSigner } from "./integrations/chains/evm/kms-signer.ts";
import type { SignerSettings } from "./integrations/chains/evm/open-signer.ts";
import type { Signer } from "./integrations/chains/signer.ts";
import { readOpenPayout } from "./products/access/fees/payout-store.ts";

/** The encrypted keystore and its password, where the configuration names one. */
export async function readSignerKeystore(
  config: WorkerConfig,
): Promise<{ readonly keystoreJson: string; readonly password: string } | undefined> {
  const { SIGNER_KEYSTORE_FILE: keystore, SIGNER_PASSWORD_FILE: password } = config;
  return keystore === undefined || password === undefined ? undefined : readKeystore({ keystore, password });
}

/**
 * Refuses a start whose settlement wallets are not of the signer's keys: what payers send there could never be paid out. An address may be
 * unset; then merchants are paid directly on its chains.
 */
export function checkSettlementWallets(
  config: Pick<WorkerConfig, "SETTLEMENT_WALLET_EVM" | "SETTLEMENT_WALLET_SOLANA">,
  signers: { readonly evm: Signer; readonly solana: Signer | undefined },
): void {
  const checks = [
    { name: "SETTLEMENT_WALLET_EVM", set: config.SETTLEMENT_WALLET_EVM, signer: signers.evm },
    { name: "SETTLEMENT_WALLET_SOLANA", set: config.SETTLEMENT_WALLET_SOLANA, signer: signers.solana },
  ];
  for (const { name, set, signer } of checks) {
    if (set === undefined) continue;
    const own = signer?.settlementWallet;
    if (own === set) continue;
    throw new Error(
      `${name} is ${own === undefined ? "of a chain without keys here" : `not the signer's, which is ${own}`}.`,
    );
  }
}

/**
 * Opens the signer of the EVM chains from the key service when one is configured, from the keystore otherwise. Only the worker may import
 * this. Throws what opening throws, and a plain error when the deposit keys are not those of `DEPOSIT_XPUB`.
 */
export async function openWorkerSigner(
  needs: Pick<Context, "networks" | "chains" | "keyRing" | "database">,
  config: WorkerConfig,
): Promise<Signer> {
  const settings: SignerSettings = {
    networks: needs.networks.filter((network) => network.kind === "evm"),
    readReceipt: (chainId, hash) => needs.chains.find(`eip155:${chainId}`).readReceipt(hash),
    readPayout: (id) => readOpenPayout(needs.database, id),
    ...(config.VENDOR_TREASURY_ADDRESS === undefined ? {} : { treasury: config.VENDOR_TREASURY_ADDRESS }),
  };
  const signer = await openKeys(settings, config);
  if (signer.keyRingId === needs.keyRing.id) return signer;
  throw new Error("DEPOSIT_XPUB and the signer's keys are of different mnemonics: new deposits could never be swept.");
}

async function openKeys(settings: SignerSettings, config: WorkerConfig): Promise<Signer> {
  const { SIGNER_KMS_KEY_ID: vendorKeyId, SIGNER_KMS_MNEMONIC_FILE: mnemonicFile } = config;
  if (vendorKeyId === undefined || mnemonicFile === undefined) {
    const keystore = await readSignerKeystore(config);
    if (keystore === undefined) throw new Error("Neither a keystore nor a key service is configured.");
    return openKeystoreSigner({ ...settings, ...keystore });
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, KMS_ENDPOINT: endpoint } = config;
  const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  const vault = openKeyVault({
    region: config.AWS_REGION,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(hasKeys ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  });
  const mnemonicCiphertext = Buffer.from(await readFile(mnemonicFile, "utf8"), "base64");
  return openKmsSigner({ ...settings, vault, vendorKeyId, mnemonicCiphertext });
}
