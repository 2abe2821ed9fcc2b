import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { openKeyRing } from "../../src/integrations/chains/evm/key-ring.ts";
import { openKeystoreSigner } from "../../src/integrations/chains/evm/keystore-signer.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const folder = mkdtempSync(join(tmpdir(), "tollkeeper-keys-"));
const passwordFile = join(folder, "password");
const mnemonicFile = join(folder, "mnemonic");
writeFileSync(passwordFile, "correct horse battery\n");
writeFileSync(mnemonicFile, `${PHRASE}\n`);
afterAll(() => rm(folder, { recursive: true }));

const run = (name: string, ...more: string[]) =>
  promisify(execFile)(process.execPath, [
    ...["--import", "tsx", "src/cli/keys.ts", "create", "--strength", "light"],
    ...["--keystore-file", join(folder, name), "--password-file", passwordFile, ...more],
  ]);

describe("npm run keys -- create", () => {
  it("writes a keystore only its owner reads, that opens to the printed wallet and xpub", async () => {
    const { stdout } = await run("first.json", "--json");
    const shown: unknown = JSON.parse(stdout);
    const file = join(folder, "first.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const signer = await openKeystoreSigner({
      keystoreJson: readFileSync(file, "utf8"),
      password: "correct horse battery",
      networks: [],
    });
    expect(shown).toMatchObject({ vendor_wallet: signer.vendorWallet, key_ring_id: signer.keyRingId });
    expect(shown).toMatchObject({ deposit_xpub: expect.stringMatching(/^xpub/) });
    expect(shown).toMatchObject({ solana_wallet: expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/) });
  });

  it("never prints the phrase unless asked, and never the password", async () => {
    const quiet = await run("quiet.json", "--mnemonic-file", mnemonicFile);
    const shown = await run("shown.json", "--mnemonic-file", mnemonicFile, "--show-mnemonic");
    expect(quiet.stdout + quiet.stderr).not.toContain("legal winner");
    expect(shown.stdout).toContain(PHRASE);
    expect(quiet.stdout + shown.stdout).not.toContain("correct horse");
    expect(readFileSync(join(folder, "quiet.json"), "utf8")).not.toContain("legal winner");
  });

  it("gives the ring of the given phrase", async () => {
    const { stdout } = await run("given.json", "--mnemonic-file", mnemonicFile, "--json");
    const { deposit_xpub: xpub } = JSON.parse(stdout) as { deposit_xpub: string };
    expect(openKeyRing(xpub).deriveAddress(0)).toBe("0x58A57ed9d8d624cBD12e2C467D34787555bB1b25");
  });

  it("overwrites no file", async () => {
    writeFileSync(join(folder, "precious.json"), "precious");
    await expect(run("precious.json")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exists already"),
    });
    expect(readFileSync(join(folder, "precious.json"), "utf8")).toBe("precious");
  });
});
