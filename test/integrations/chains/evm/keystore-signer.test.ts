import { inspect } from "node:util";
import { encryptKeystoreJson, getBytes, HDNodeWallet, Transaction, verifyTypedData } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import type { TransferAuthorization, UnsignedTransaction } from "../../../../src/integrations/chains/chain.ts";
import { createKeystore } from "../../../../src/integrations/chains/evm/create-keystore.ts";
import {
  authorizationTypedData,
  NEVER_EXPIRES,
  tokenInterface,
} from "../../../../src/integrations/chains/evm/erc20-transfers.ts";
import { keyRingId } from "../../../../src/integrations/chains/evm/key-ring.ts";
import { openKeystoreSigner } from "../../../../src/integrations/chains/evm/keystore-signer.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import type { Signer } from "../../../../src/integrations/chains/signer.ts";

const PASSWORD = "a long enough password";
const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const STRANGER = "0x000000000000000000000000000000000000dEaD";
const COLD_WALLET = "0x1111111111111111111111111111111111111111";
const network = localNetwork({ usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" });
const [usdc] = network.tokens;
if (usdc === undefined) throw new Error("the local network has no token");
const depositKey = (index: number) => HDNodeWallet.fromPhrase(PHRASE, "", `m/44'/60'/0'/0/${index}`);

let signer: Signer;
let keystoreJson: string;
let ring: string;

beforeAll(async () => {
  const keystore = await createKeystore({ mnemonic: PHRASE, password: PASSWORD, strength: "light" });
  keystoreJson = keystore.keystoreJson;
  ring = keyRingId(keystore.depositXpub);
  signer = await openKeystoreSigner({ keystoreJson, password: PASSWORD, networks: [network] });
});

const authorization = (change: Partial<TransferAuthorization> = {}): TransferAuthorization => ({
  method: "receiveWithAuthorization",
  chainId: network.chainId,
  token: usdc,
  from: depositKey(7).address,
  to: signer.vendorWallet,
  amountUnits: 5_000_000n,
  nonce: `0x${"ab".repeat(32)}`,
  ...change,
});

const call = (to: string, change: Partial<UnsignedTransaction> = {}): UnsignedTransaction => ({
  chainId: network.chainId,
  to: usdc.address,
  data: tokenInterface.encodeFunctionData("receiveWithAuthorization", [
    ...[
      depositKey(7).address,
      to,
      1n,
      0n,
      NEVER_EXPIRES,
      `0x${"ab".repeat(32)}`,
      27,
      `0x${"01".repeat(32)}`,
      `0x${"02".repeat(32)}`,
    ],
  ]),
  gasLimit: "100000",
  maxFeePerGas: "2000000000",
  maxPriorityFeePerGas: "1000000000",
  ...change,
});

describe("the keystore signer", () => {
  it("signs for the deposit address of the index, with the key every BIP-44 wallet finds", async () => {
    const wanted = authorization();
    const signature = await signer.signTransferAuthorization({ keyRingId: ring, index: 7 }, wanted);
    const { domain, types, message } = authorizationTypedData(wanted);
    expect(verifyTypedData(domain, types, message, signature)).toBe(depositKey(7).address);
  });

  it("signs the same call to the same bytes, as the vendor wallet, without native value", async () => {
    const first = await signer.signTransaction(call(signer.vendorWallet), 3);
    expect(await signer.signTransaction(call(signer.vendorWallet), 3)).toEqual(first);
    const parsed = Transaction.from(first.raw);
    expect(parsed).toMatchObject({ from: signer.vendorWallet, nonce: 3, value: 0n, hash: first.hash });
    expect(parsed.chainId).toBe(31_337n);
  });

  it("keeps the gas tank on another hardened account than the deposit keys", () => {
    expect(signer.vendorWallet).toBe(HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/1'/0/0").address);
  });

  it("refuses an authorization to anybody but the treasury and the vendor wallet", async () => {
    const key = { keyRingId: ring, index: 7 };
    const refused = { code: "destination_refused" };
    await expect(signer.signTransferAuthorization(key, authorization({ to: STRANGER }))).rejects.toMatchObject(refused);
    await expect(signer.signTransferAuthorization(key, authorization({ chainId: 1 }))).rejects.toMatchObject(refused);
    const foreign = authorization({ token: { ...usdc, address: STRANGER } });
    await expect(signer.signTransferAuthorization(key, foreign)).rejects.toMatchObject(refused);
    const otherKey = authorization({ from: depositKey(8).address });
    await expect(signer.signTransferAuthorization(key, otherKey)).rejects.toMatchObject(refused);
    const otherRing = { keyRingId: "kr_other", index: 7 };
    await expect(signer.signTransferAuthorization(otherRing, authorization())).rejects.toMatchObject({
      code: "key_ring_not_loaded",
    });
  });

  it("refuses every call of the vendor wallet that is not an authorised transfer to an allowed wallet", async () => {
    const approve = `0x095ea7b3${STRANGER.slice(2).padStart(64, "0")}${"f".repeat(64)}`;
    const refused = [
      call(STRANGER),
      call(signer.vendorWallet, { to: STRANGER }),
      call(signer.vendorWallet, { chainId: 1 }),
      call(signer.vendorWallet, { data: "0x" }),
      call(signer.vendorWallet, { data: approve }),
    ];
    for (const transaction of refused) {
      await expect(signer.signTransaction(transaction, 0)).rejects.toMatchObject({ code: "destination_refused" });
    }
  });

  it("allows a cold treasury beside the vendor wallet when one is configured", async () => {
    const cold = await openKeystoreSigner({
      keystoreJson,
      password: PASSWORD,
      networks: [network],
      treasury: COLD_WALLET,
    });
    expect(cold.treasury).toBe(COLD_WALLET);
    const outward = authorization({ to: COLD_WALLET, method: "transferWithAuthorization" });
    await expect(cold.signTransferAuthorization({ keyRingId: ring, index: 7 }, outward)).resolves.toMatch(/^0x/);
    await expect(signer.signTransferAuthorization({ keyRingId: ring, index: 7 }, outward)).rejects.toThrow(COLD_WALLET);
  });

  it("shows no key in inspect, JSON, its properties or its errors", async () => {
    const shown = [
      inspect(signer, { depth: 10, showHidden: true, getters: true }),
      JSON.stringify(signer),
      ...Object.values(signer).map(String),
      String(
        await signer
          .signTransaction(call(STRANGER), 0)
          .catch((error: unknown) => inspect(error, { depth: 10, showHidden: true })),
      ),
    ].join("\n");
    for (const secret of secretsOf(PHRASE)) expect(shown.toLowerCase()).not.toContain(secret);
    expect(shown).not.toContain(PASSWORD);
  });

  it("says the keystore is unreadable, and nothing about its content, for a wrong password or file", async () => {
    const attempts = [
      { keystoreJson, password: "another long password" },
      { keystoreJson: "{}", password: PASSWORD },
      {
        keystoreJson: await encryptKeystoreJson(
          { address: depositKey(0).address, privateKey: depositKey(0).privateKey },
          PASSWORD,
          { scrypt: { N: 1024 } },
        ),
        password: PASSWORD,
      },
    ];
    for (const attempt of attempts) {
      const opening = openKeystoreSigner({ ...attempt, networks: [network] });
      await expect(opening).rejects.toMatchObject({ code: "keystore_unreadable" });
      await opening.catch((error: unknown) => expect(inspect(error)).not.toContain(attempt.password));
    }
  });
});

/** Every spelling a secret could be printed in: words, entropy, keys with and without prefix, byte lists. */
function secretsOf(phrase: string): readonly string[] {
  const root = HDNodeWallet.fromPhrase(phrase, "", "m");
  const keys = ["m/44'/60'/0'", "m/44'/60'/0'/0/7", "m/44'/60'/1'/0/0"].map((path) => root.derivePath(path).privateKey);
  const hex = [root.privateKey, ...keys].map((key) => key.slice(2));
  const bytes = hex.map((key) => getBytes(`0x${key}`).join(", "));
  return [phrase, root.mnemonic?.entropy.slice(2) ?? "", root.extendedKey.toLowerCase(), ...hex, ...bytes];
}
