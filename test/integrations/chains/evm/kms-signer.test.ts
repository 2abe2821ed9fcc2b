import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { Transaction } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyVault } from "../../../../src/integrations/aws/key-vault.ts";
import { addressOf, openKmsSigner } from "../../../../src/integrations/chains/evm/kms-signer.ts";
import type { Signer } from "../../../../src/integrations/chains/signer.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { evmMissing } from "../../../support/evm.ts";
import { startKeyService } from "../../../support/key-service.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  secretsOfWorld,
  send,
  startChainWorld,
  tokenBalance,
} from "../chain-world.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

describe.skipIf(evmMissing !== undefined)("a signer whose keys are in a key service", () => {
  let world: ChainWorld;
  let service: Awaited<ReturnType<typeof startKeyService>>;
  let vault: ReturnType<typeof openKeyVault>;
  let signer: Signer;
  beforeAll(async () => {
    [world, service] = await Promise.all([startChainWorld(), startKeyService()]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    vault = openKeyVault({ region: "us-east-1", endpoint: service.endpoint, credentials });
    signer = await open(service.encrypt(PHRASE));
    await world.evm.fund(signer.vendorWallet, 10n ** 18n);
  });
  afterAll(async () => {
    vault.close();
    await service.stop();
    await world.stop();
  });

  const open = (mnemonicCiphertext: Buffer) =>
    openKmsSigner({ vault, vendorKeyId: "alias/vendor", mnemonicCiphertext, networks: [world.network] });

  it("sweeps deposits of the same key ring with a vendor wallet whose key is nowhere here", async () => {
    expect(signer.keyRingId).toBe(world.signer.keyRingId);
    expect(signer.vendorWallet).not.toBe(world.signer.vendorWallet);
    for (const units of [ONE_DOLLAR, 2n * ONE_DOLLAR]) {
      const needs = { ...world, signer };
      const payee = await paidPayee(world, units);
      const sweep = await prepareOpen(needs, payee);
      expect(await send(needs, sweep)).toMatchObject({ state: "mined", succeeded: true });
      expect(await recordSweep(needs, sweep)).toMatchObject({ outcome: "swept" });
    }
    expect(await tokenBalance(world, signer.vendorWallet)).toBe(3n * ONE_DOLLAR);
  });

  it("has signatures the network takes whichever s the service answers, and only digests leave", async () => {
    const call = { chainId: 31_337, to: signer.vendorWallet, data: "0x", gasLimit: "21000" };
    for (let nonce = 0; nonce < 6; nonce += 1) {
      const { raw } = await signer.signTransaction({ ...call, maxFeePerGas: "9", maxPriorityFeePerGas: "1" }, nonce);
      const { from, signature } = Transaction.from(raw);
      expect(from).toBe(signer.vendorWallet);
      expect(signature?.isValid()).toBe(true);
      expect(BigInt(signature?.s ?? 0)).toBeLessThan(2n ** 255n);
    }
    for (const message of service.state.signs) expect(Buffer.from(message, "base64")).toHaveLength(32);
  });

  it("keeps to the same rules as any signer", async () => {
    const outward = { chainId: 31_337, to: world.evm.faucetAddress, data: "0x", value: "1", gasLimit: "21000" };
    const before = service.state.signs.length;
    await expect(
      signer.signTransaction({ ...outward, maxFeePerGas: "9", maxPriorityFeePerGas: "1" }, 0),
    ).rejects.toMatchObject({ code: "destination_refused" });
    expect(service.state.signs).toHaveLength(before);
  });

  it("C20: shows neither words nor keys, and says in public words when the service refuses", async () => {
    const shown = `${inspect(signer, { depth: 9, showHidden: true })}${JSON.stringify(signer)}`.toLowerCase();
    for (const secret of secretsOfWorld()) expect(shown).not.toContain(secret);
    const refusal = await open(Buffer.from("not encrypted by this service at all")).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "key_service_unavailable" });
    expect(inspect(refusal)).not.toContain("arn:secret");
    await expect(open(service.encrypt("twelve words that are none"))).rejects.toMatchObject({
      code: "keystore_unreadable",
    });
  });

  it("refuses a key of another curve", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => addressOf(publicKey.export({ format: "der", type: "spki" }))).toThrow(/secp256k1/);
  });
});
