import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeystore } from "../src/integrations/chains/evm/create-keystore.ts";
import { readFeePayerKeys } from "../src/integrations/chains/fee-payer-keystore.ts";
import { openFeePayers } from "../src/integrations/x402/own-facilitator/fee-payer-signer.ts";
import type { SandboxParts } from "./parts-start.ts";

const TEN_COINS = 10n * 10n ** 18n;
const TEN_SOL = 10n ** 10n;

/** Where the facilitator's keystore is. */
export type FacilitatorFiles = { readonly keystoreFile: string; readonly passwordFile: string };

/** Makes the keystore of the facilitator's fee payers at the first start; each file is its owner's alone (0600). */
export async function keepFacilitatorKeys(folder: string): Promise<FacilitatorFiles> {
  const directory = join(folder, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keystoreFile = join(directory, "facilitator-keystore.json");
  const passwordFile = join(directory, "facilitator-password");
  if (!existsSync(keystoreFile)) {
    const password = randomBytes(20).toString("hex");
    const { keystoreJson } = await createKeystore({ password, strength: "light" });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    // Last, because its presence means that the other is whole.
    writeFileSync(keystoreFile, keystoreJson, { mode: 0o600 });
  }
  return { keystoreFile, passwordFile };
}

/** Gives the fee payers what they pay fees with: native coin, and SOL where a Solana chain runs. Answers their addresses. */
export async function fundFacilitator(
  { evm, solana }: Pick<SandboxParts, "evm" | "solana">,
  files: FacilitatorFiles,
): Promise<{ readonly evm: string; readonly solana: string }> {
  const keystoreJson = readFileSync(files.keystoreFile, "utf8");
  const password = readFileSync(files.passwordFile, "utf8");
  const payers = await openFeePayers(await readFeePayerKeys({ keystoreJson, password }));
  await evm.fundOnce(payers.evm.address, TEN_COINS);
  await solana?.fund(payers.solana.address, TEN_SOL);
  return { evm: payers.evm.address, solana: payers.solana.address };
}
