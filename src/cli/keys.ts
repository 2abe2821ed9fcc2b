import { existsSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { createKeystore } from "../integrations/chains/evm/create-keystore.ts";
import { openSolanaKeys } from "../integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../integrations/chains/solana/networks.ts";
import { ZERO } from "../money/nanodollars.ts";

type CreateOptions = {
  readonly keystoreFile: string;
  readonly passwordFile: string;
  readonly mnemonicFile?: string;
  readonly strength: "standard" | "light";
  readonly showMnemonic: boolean;
  readonly json: boolean;
};

// npm run keys -- create: makes the worker's encrypted keystore and prints the public values the API needs.
const program = new Command("keys").description("Makes the keys that deposits and sweeps stand on.");
program
  .command("create")
  .description("Writes an encrypted keystore and prints its public values. Never overwrites a file.")
  .requiredOption("--keystore-file <path>", "where to write it; becomes SIGNER_KEYSTORE_FILE of the worker")
  .requiredOption(
    "--password-file <path>",
    "file with its password, 12 characters or more; SIGNER_PASSWORD_FILE of the worker",
  )
  .option("--mnemonic-file <path>", "file with a BIP-39 phrase to use; without it a new one of 24 words is made")
  .addOption(
    new Option("--strength <strength>", "light opens fast and is for throw-away chains only")
      .choices(["standard", "light"])
      .default("standard"),
  )
  .option("--show-mnemonic", "print the phrase once, for your paper backup", false)
  .option("--json", "print JSON", false)
  .action(create);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : "The keys could not be made.");
  process.exitCode = 1;
}

async function create(options: CreateOptions): Promise<void> {
  if (existsSync(options.keystoreFile))
    throw new Error(`${options.keystoreFile} exists already and is not overwritten.`);
  const password = (await readFile(options.passwordFile, "utf8")).replace(/\r?\n$/, "");
  const phrase =
    options.mnemonicFile === undefined ? {} : { mnemonic: (await readFile(options.mnemonicFile, "utf8")).trim() };
  const keystore = await createKeystore({ password, strength: options.strength, ...phrase });
  writeFileSync(options.keystoreFile, `${keystore.keystoreJson}\n`, { mode: 0o600, flag: "wx" });
  const shown = {
    keystore_file: options.keystoreFile,
    deposit_xpub: keystore.depositXpub,
    key_ring_id: keystore.keyRingId,
    vendor_wallet: keystore.vendorWalletAddress,
    solana_wallet: await solanaWallet(keystore.keystoreJson, password),
    ...(options.showMnemonic ? { mnemonic: keystore.mnemonic } : {}),
  };
  console.log(options.json ? JSON.stringify(shown, null, 2) : describe(shown));
}

/** The vendor's wallet on Solana, from the same phrase: whoever sells there sends it SOL. */
async function solanaWallet(keystoreJson: string, password: string): Promise<string> {
  const network = solanaNetwork({ cluster: "mainnet", shortName: "solana", nativePrice: ZERO });
  return (await openSolanaKeys({ keystoreJson, password, network })).signer.vendorWallet;
}

function describe(shown: Readonly<Record<string, string>>): string {
  const lines = Object.entries(shown).map(([name, value]) => `${name.replaceAll("_", " ").padEnd(14)} ${value}`);
  const next =
    "Set DEPOSIT_XPUB to the deposit xpub (API and worker) and send native coin for gas to the vendor wallet, on Solana SOL to the solana wallet.";
  return [...lines, "", next].join("\n");
}
