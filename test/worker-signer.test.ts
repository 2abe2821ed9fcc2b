import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWorkerConfig, type WorkerConfig } from "../src/config.ts";
import { createKeystore } from "../src/integrations/chains/evm/create-keystore.ts";
import { openKeyRing } from "../src/integrations/chains/evm/key-ring.ts";
import { localNetwork } from "../src/integrations/chains/evm/networks.ts";
import { openChains } from "../src/integrations/chains/registry.ts";
import { openDatabase } from "../src/platform/database/pool.ts";
import { checkSettlementWallets, openWorkerSigner, readSignerKeystore } from "../src/worker-signer.ts";
import { apiEnvironment } from "./support/app.ts";
import { startKeyService } from "./support/key-service.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const network = localNetwork({ usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" });

describe("the worker's signer", () => {
  const folder = mkdtempSync(join(tmpdir(), "worker-signer-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const database = openDatabase("postgres://127.0.0.1:9/nowhere", { maxConnections: 1, name: "test" });
  let service: Awaited<ReturnType<typeof startKeyService>>;
  let keystore: Awaited<ReturnType<typeof createKeystore>>;
  beforeAll(async () => {
    service = await startKeyService();
    keystore = await createKeystore({ mnemonic: PHRASE, password: "a long enough password", strength: "light" });
  });
  afterAll(async () => {
    await service.stop();
    await database.destroy();
    rmSync(folder, { recursive: true });
  });

  const config = (variables: Readonly<Record<string, string>>): WorkerConfig =>
    readWorkerConfig({ ...apiEnvironment("postgres://localhost/x"), DEPOSIT_XPUB: keystore.depositXpub, ...variables });
  const needs = () => ({
    networks: [network],
    chains: openChains([{ network, rpcUrl: "http://127.0.0.1:9" }]),
    keyRing: openKeyRing(keystore.depositXpub),
    database,
  });

  it("comes from the keystore, or from the key service, over the same deposit keys", async () => {
    const files = {
      SIGNER_KEYSTORE_FILE: file("keystore.json", keystore.keystoreJson),
      SIGNER_PASSWORD_FILE: file("password", "a long enough password\n"),
    };
    const fromFile = await openWorkerSigner(needs(), config(files));
    const fromService = await openWorkerSigner(needs(), config(kms(PHRASE)));
    expect(fromService.keyRingId).toBe(fromFile.keyRingId);
    expect(fromService.vendorWallet).not.toBe(fromFile.vendorWallet);
    expect(fromService.settlementWallet).toBe(fromFile.settlementWallet);
    expect([fromFile.vendorWallet, fromFile.treasury]).not.toContain(fromFile.settlementWallet);
    expect(await readSignerKeystore(config(kms(PHRASE)))).toBeUndefined();
  });

  it("is refused where custodial payments would go to a wallet that is not its own", async () => {
    const evm = await openWorkerSigner(needs(), config(kms(PHRASE)));
    const { settlementWallet: own, vendorWallet: other } = evm;
    const check = (wallets: Readonly<Record<string, string>>) =>
      checkSettlementWallets(config({ ...kms(PHRASE), ...wallets }), { evm, solana: undefined });
    check({});
    check({ SETTLEMENT_WALLET_EVM: own });
    expect(() => check({ SETTLEMENT_WALLET_EVM: other })).toThrow(own);
    expect(() => check({ SETTLEMENT_WALLET_EVM: own.toLowerCase() })).toThrow(own);
    const solana = "So11111111111111111111111111111111111111112";
    expect(() => check({ SETTLEMENT_WALLET_SOLANA: solana })).toThrow("without keys");
  });

  it("is refused over other deposit keys than those addresses are made from", async () => {
    const other = "test test test test test test test test test test test junk";
    await expect(openWorkerSigner(needs(), config(kms(other)))).rejects.toThrow(/DEPOSIT_XPUB/);
  });

  function kms(phrase: string) {
    return {
      SIGNER_KMS_KEY_ID: "alias/vendor",
      SIGNER_KMS_MNEMONIC_FILE: file("mnemonic", service.encrypt(phrase).toString("base64")),
      KMS_ENDPOINT: service.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
  }
});
