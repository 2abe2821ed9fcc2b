import { randomBytes } from "node:crypto";
import {
  Contract,
  HDNodeWallet,
  hexlify,
  type InterfaceAbi,
  JsonRpcProvider,
  NonceManager,
  Signature,
  Wallet,
} from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import usdcArtifact from "../../../sandbox/contracts/test-usdc.json" with { type: "json" };
import usdtArtifact from "../../../sandbox/contracts/test-usdt.json" with { type: "json" };
import type { EvmPart } from "../../../sandbox/parts/evm.ts";
import { evmMissing, startTestEvm } from "../../support/evm.ts";

const AUTHORIZATION = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];
type Authorization = {
  from: string;
  to: string;
  value: bigint;
  validAfter: number;
  validBefore: number;
  nonce: string;
};

describe.skipIf(evmMissing !== undefined)("the tokens of the local chain", () => {
  let evm: EvmPart;
  let provider: JsonRpcProvider;
  let faucet: NonceManager;
  const holder = Wallet.createRandom();
  const receiver = Wallet.createRandom().address;

  beforeAll(async () => {
    evm = await startTestEvm();
    provider = new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
    faucet = new NonceManager(new Wallet(evm.faucetKey, provider));
    await evm.mint("USDC", holder.address, 10_000_000n);
    await evm.mint("USDT", holder.address, 10_000_000n);
    await evm.fund(holder.address, 10n ** 18n);
  });
  afterAll(async () => {
    provider?.destroy();
    await evm?.stop();
  });

  const token = (address: string, abi: InterfaceAbi = usdcArtifact.abi) => new Contract(address, abi, faucet);
  const call = async (name: string, ...args: unknown[]): Promise<unknown> => token(evm.usdc).getFunction(name)(...args);

  async function send(name: string, ...args: readonly unknown[]): Promise<void> {
    const contract = token(evm.usdc);
    // A call first: it says why, and leaves no nonce behind when the chain refuses.
    await contract.getFunction(name).staticCall(...args);
    const transaction = await contract.getFunction(name).send(...args);
    await transaction.wait();
  }

  async function authorize(
    kind: "TransferWithAuthorization" | "ReceiveWithAuthorization",
    changes: Partial<Authorization> = {},
    signer: HDNodeWallet = holder,
  ) {
    const value: Authorization = {
      from: holder.address,
      to: receiver,
      value: 1_000_000n,
      validAfter: 0,
      validBefore: 4_102_444_800,
      nonce: hexlify(randomBytes(32)),
      ...changes,
    };
    const domain = { name: "USD Coin", version: "2", chainId: evm.chainId, verifyingContract: evm.usdc };
    const signature = Signature.from(await signer.signTypedData(domain, { [kind]: AUTHORIZATION }, value));
    const terms = [value.from, value.to, value.value, value.validAfter, value.validBefore, value.nonce];
    return { value, terms, parts: [signature.v, signature.r, signature.s], bytes: signature.serialized };
  }

  const WITH_PARTS = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)";
  const WITH_BYTES = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";
  const RECEIVE = "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)";

  it("stand at the same addresses on every chain we start", () => {
    expect(evm.usdc).toBe("0x700b6A60ce7EaaEA56F065753d8dcB9653dbAD35");
    expect(evm.usdt).toBe("0xA15BB66138824a1c7167f5E85b957d04Dd34E468");
  });

  it("show the name, version and decimals that wallets sign for", async () => {
    const shown = await Promise.all(["name", "symbol", "version", "decimals"].map((name) => call(name)));
    expect(shown).toEqual(["USD Coin", "USDC", "2", 6n]);
  });

  it("return nothing from a USDT transfer, as the original does", async () => {
    const usdt = token(evm.usdt, usdtArtifact.abi);
    const data = usdt.interface.encodeFunctionData("transfer", [receiver, 1n]);
    expect(await provider.call({ from: evm.faucetAddress, to: evm.usdt, data })).toBe("0x");
    const usdc = await provider.call({ from: evm.faucetAddress, to: evm.usdc, data });
    expect(BigInt(usdc)).toBe(1n);
  });

  it("have no EIP-3009 in USDT", async () => {
    const { terms, bytes } = await authorize("TransferWithAuthorization");
    await expect(
      token(evm.usdt)
        .getFunction(WITH_BYTES)
        .staticCall(...terms, bytes),
    ).rejects.toThrow();
  });

  it("move USDC by a signed authorization in both spellings, once each", async () => {
    const before = await call("balanceOf", receiver);
    const first = await authorize("TransferWithAuthorization");
    await send(WITH_PARTS, ...first.terms, ...first.parts);
    const second = await authorize("TransferWithAuthorization");
    await send(WITH_BYTES, ...second.terms, second.bytes);
    expect(await call("balanceOf", receiver)).toBe(BigInt(String(before)) + 2_000_000n);
    expect(await call("authorizationState", holder.address, first.value.nonce)).toBe(true);
    await expect(send(WITH_PARTS, ...first.terms, ...first.parts)).rejects.toThrow(/authorization is used or canceled/);
  });

  it("refuse an authorization that somebody else signed, that is changed, too early or too late", async () => {
    const stranger = await authorize("TransferWithAuthorization", {}, Wallet.createRandom());
    await expect(send(WITH_PARTS, ...stranger.terms, ...stranger.parts)).rejects.toThrow(/invalid signature/);
    const { terms, parts } = await authorize("TransferWithAuthorization");
    await expect(send(WITH_PARTS, ...terms.with(2, 2_000_000n), ...parts)).rejects.toThrow(/invalid signature/);
    const early = await authorize("TransferWithAuthorization", { validAfter: 4_102_444_000 });
    await expect(send(WITH_PARTS, ...early.terms, ...early.parts)).rejects.toThrow(/not yet valid/);
    const late = await authorize("TransferWithAuthorization", { validBefore: 1 });
    await expect(send(WITH_PARTS, ...late.terms, ...late.parts)).rejects.toThrow(/is expired/);
  });

  it("let only the payee use a receive authorization", async () => {
    const foreign = await authorize("ReceiveWithAuthorization");
    await expect(send(RECEIVE, ...foreign.terms, ...foreign.parts)).rejects.toThrow(/caller must be the payee/);
    const own = await authorize("ReceiveWithAuthorization", { to: evm.faucetAddress });
    await send(RECEIVE, ...own.terms, ...own.parts);
    expect(await call("authorizationState", holder.address, own.value.nonce)).toBe(true);
  });

  it("refuse a transfer from or to a blacklisted account", async () => {
    const blocked = Wallet.createRandom().address;
    const deployer = HDNodeWallet.fromPhrase(
      "test test test test test test test test test test test junk",
      "",
      "m/44'/60'/0'/0/9",
    );
    const owner = new Contract(evm.usdc, usdcArtifact.abi, deployer.connect(provider));
    await (await owner.getFunction("blacklist").send(blocked)).wait();
    await expect(send("transfer", blocked, 1n)).rejects.toThrow(/account is blacklisted/);
  });
});
