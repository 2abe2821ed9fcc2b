import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { createKeystore } from "../src/integrations/chains/evm/create-keystore.ts";
import { readSettlementWallets, type SettlementWallets } from "./settlement-wallets.ts";

const SandboxSecrets = z.object({
  masterKey: z.string(),
  adminToken: z.string(),
  webhookSecret: z.string(),
  signerPassword: z.string(),
  depositXpub: z.string(),
  vendorWallet: z.string(),
});

/** What the embedded world needs to keep for itself, made once. The signer's two files are named, not quoted. */
export type SandboxSecrets = z.infer<typeof SandboxSecrets> & {
  readonly keystoreFile: string;
  readonly passwordFile: string;
  readonly settlementWallets: SettlementWallets;
};

/** Reads the secrets under `.tollkeeper/secrets/`, or makes them at the first start. Every file is its owner's alone (0600). */
export async function keepSecrets(folder: string): Promise<SandboxSecrets> {
  const directory = join(folder, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "secrets.json");
  const keystoreFile = join(directory, "signer-keystore.json");
  const passwordFile = join(directory, "signer-password");
  if (!existsSync(file)) {
    const secret = (bytes: number) => randomBytes(bytes).toString("hex");
    const signerPassword = secret(20);
    // The chain is a throw-away one on loopback: a light keystore opens in milliseconds.
    const keystore = await createKeystore({ password: signerPassword, strength: "light" });
    const secrets: z.infer<typeof SandboxSecrets> = {
      masterKey: secret(32),
      adminToken: `adm_${secret(24)}`,
      webhookSecret: `whsec_${randomBytes(24).toString("base64")}`,
      signerPassword,
      depositXpub: keystore.depositXpub,
      vendorWallet: keystore.vendorWalletAddress,
    };
    writeFileSync(keystoreFile, keystore.keystoreJson, { mode: 0o600 });
    writeFileSync(passwordFile, signerPassword, { mode: 0o600 });
    // Last, because its presence means that the other two are whole.
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  }
  const kept = SandboxSecrets.parse(JSON.parse(readFileSync(file, "utf8")));
  const keystoreJson = readFileSync(keystoreFile, "utf8");
  const settlementWallets = await readSettlementWallets({ keystoreJson, password: kept.signerPassword });
  return { ...kept, keystoreFile, passwordFile, settlementWallets };
}
