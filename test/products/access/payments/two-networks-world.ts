import { createKeyPairSignerFromBytes } from "@solana/kit";
import { Keypair } from "@solana/web3.js";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/client";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { ExactSvmSchemeV1 } from "@x402/svm/exact/v1/client";
import { Contract, JsonRpcProvider, Wallet } from "ethers";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import usdcArtifact from "../../../../sandbox/contracts/test-usdc.json" with { type: "json" };
import { openSolanaWallet } from "../../../../sandbox/demo/solana-wallet.ts";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { askSurfnet, LOCAL_USDC_MINT, setLamports, setTokens } from "../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { registerChains } from "../../../../src/integrations/chains/registry.ts";
import { encodeBase58 } from "../../../../src/integrations/chains/solana/base58.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import type { X402Network } from "../../../../src/integrations/x402/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { type Reply, startTestApp } from "../../../support/app.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { startTestEvm } from "../../../support/evm.ts";
import { startTestFacilitator } from "../../../support/facilitator.ts";
import { startTestPayai } from "../../../support/payai.ts";
import { startTestSolana } from "../../../support/solana.ts";

const Terms = z.looseObject({ network: z.string() });
const Required = z.object({ accepts: z.array(Terms) });
const Signed = z.looseObject({ payload: z.looseObject({}) });
const Amount = z.object({ value: z.object({ amount: z.string() }) });
const CENTS = 10n ** 9n;

/** One of the networks, with the payer's money on it. */
type Side = {
  readonly network: X402Network;
  readonly chain: Chain;
  readonly rpcUrl: string;
  readonly received: (owner: string) => Promise<bigint>;
};

/** Two networks of one kind that have the same token at the same address, one payer and one merchant on both. */
export type Twins = {
  readonly sides: readonly [Side, Side];
  /** Of the one merchant on both. */
  readonly wallet: string;
  readonly fund: (feePayers: { readonly evm: string; readonly solana: string }) => Promise<void>;
  readonly sign: (x402Version: 1 | 2, terms: object) => Promise<unknown>;
  /** The payer's own transfer on the first network. */
  readonly pay: (units: bigint) => Promise<string>;
  readonly prove: (quoteId: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Two EVM chains. */
export async function startEvmTwins(): Promise<Twins> {
  const [first, second] = [await startTestEvm(), await startTestEvm()];
  const key = Wallet.createRandom().privateKey;
  const hex = z.templateLiteral(["0x", z.string()]);
  const account = privateKeyToAccount(hex.parse(key));
  for (const evm of [first, second]) {
    await evm.mint("USDC", account.address, CENTS);
    await evm.fund(account.address, 10n ** 18n);
  }
  const sides = [await evmSide(first, 84_532, "base-sepolia"), await evmSide(second, 80_002, "polygon-amoy")] as const;
  const wallet = Wallet.createRandom().address;
  return {
    ...{ sides, wallet },
    fund: async ({ evm }) => {
      for (const part of [first, second]) await part.fund(evm, 10n ** 19n);
    },
    sign: (x402Version, terms) =>
      x402Version === 2
        ? new ExactEvmScheme(account).createPaymentPayload(2, Object(terms))
        : new ExactEvmSchemeV1(account).createPaymentPayload(1, Object(terms)),
    pay: async (units) => {
      const provider = new JsonRpcProvider(first.rpc, 84_532, { staticNetwork: true });
      const usdc = new Contract(first.usdc, usdcArtifact.abi, new Wallet(key, provider));
      const sent = await usdc.getFunction("transfer").send(wallet, units);
      await sent.wait();
      provider.destroy();
      return sent.hash;
    },
    prove: (quoteId) => account.signMessage({ message: quoteId }),
    stop: async () => {
      await first.stop();
      await second.stop();
    },
  };
}

/** The token's signing domain follows the chain's number, as the real one's does. */
async function evmSide(evm: EvmPart, chainId: number, name: string): Promise<Side> {
  const provider = new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true });
  await provider.send("anvil_setChainId", [chainId]);
  provider.destroy();
  const chain = { ...localNetwork({ usdc: evm.usdc, chainId }), shortName: name, name };
  const caip2 = `eip155:${chainId}`;
  const token = { symbol: "USDC", address: evm.usdc, decimals: 6, eip712: { name: "USD Coin", version: "2" } };
  const names = { id: caip2, caip2, v1Name: name, shortName: name } as const;
  return {
    network: { ...names, kind: "evm", isTest: true, tokens: [token] },
    chain: openEvmChain({ network: chain, rpcUrl: evm.rpc }),
    rpcUrl: evm.rpc,
    received: async (owner) => {
      const reader = new JsonRpcProvider(evm.rpc, chainId, { staticNetwork: true, cacheTimeout: -1 });
      const units: unknown = await new Contract(evm.usdc, usdcArtifact.abi, reader).getFunction("balanceOf")(owner);
      reader.destroy();
      return BigInt(String(units));
    },
  };
}

/** Two Solana clusters. A local one's blockhashes follow from its slots alone: the second is so slow that it never gets to know the first's. */
export async function startSolanaTwins(): Promise<Twins> {
  const [first, second] = [await startTestSolana(), await startTestSolana({ slotTimeMs: 1_000 })];
  const keypair = Keypair.generate();
  const signer = await createKeyPairSignerFromBytes(keypair.secretKey);
  const wallet = Keypair.generate().publicKey.toBase58();
  for (const { rpc } of [first, second]) {
    await setTokens(rpc, { owner: signer.address, units: CENTS });
    await setTokens(rpc, { owner: wallet, units: 0n });
    await setLamports(rpc, { owner: signer.address, lamports: CENTS });
  }
  const devnet = { caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", v1Name: "solana-devnet" };
  const mainnet = { caip2: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", v1Name: "solana" };
  const own = openSolanaWallet(first.rpc, encodeBase58(keypair.secretKey));
  return {
    sides: [solanaSide(first.rpc, "solana:local", devnet), solanaSide(second.rpc, mainnet.caip2, mainnet)],
    wallet,
    fund: async ({ solana: owner }) => {
      for (const { rpc } of [first, second]) await setLamports(rpc, { owner, lamports: CENTS });
    },
    sign: (x402Version, terms) => {
      const settings = { rpcUrl: first.rpc };
      return x402Version === 2
        ? new ExactSvmScheme(signer, settings).createPaymentPayload(2, Object(terms))
        : new ExactSvmSchemeV1(signer, settings).createPaymentPayload(1, Object(terms));
    },
    pay: (units) => own.pay({ to: wallet, units }),
    prove: async (quoteId) => {
      const [signed] = await signer.signMessages([{ content: new TextEncoder().encode(quoteId), signatures: {} }]);
      return Buffer.from(Object(signed)[signer.address]).toString("base64");
    },
    stop: () => {
      first.stop();
      second.stop();
      return Promise.resolve();
    },
  };
}

function solanaSide(rpc: string, id: string, names: { readonly caip2: string; readonly v1Name: string }): Side {
  const setting = { cluster: "local", shortName: names.v1Name, usdc: LOCAL_USDC_MINT } as const;
  const chain = { ...solanaNetwork({ ...setting, nativePrice: nanodollars(1n) }), id };
  const tokens = [{ symbol: "USDC", address: LOCAL_USDC_MINT, decimals: 6 }];
  return {
    network: { ...names, id, kind: "solana", shortName: names.v1Name, isTest: true, tokens },
    chain: openSolanaChain({ network: chain, rpcUrl: rpc }),
    rpcUrl: rpc,
    received: async (owner) => {
      const account = tokenAccountOf({ owner, mint: LOCAL_USDC_MINT });
      const answer = await askSurfnet(rpc, "getTokenAccountBalance", [account, { commitment: "confirmed" }]);
      return BigInt(Amount.parse(answer).value.amount);
    },
  };
}

export type TwoNetworks = Awaited<ReturnType<typeof startTwoNetworks>>;

/** An API that takes payments on both networks, and our facilitator for both behind a stand-in that a test may have lie. */
export async function startTwoNetworks(twins: Twins) {
  const database = await createTestDatabase();
  const [first, second] = twins.sides;
  const facilitator = await startTestFacilitator({
    databaseUrl: database.applicationUrl,
    networks: twins.sides,
    fund: twins.fund,
  });
  const payai = await startTestPayai(facilitator.url);
  const chains = registerChains([first.chain, second.chain]);
  const app = await startTestApp({ FACILITATOR_URL: payai.url }, () => ({
    ...{ accessChains: chains, x402Networks: [first.network, second.network] },
  }));
  return {
    ...{ app, payai, first: first.network, second: second.network, twins },
    /** What the merchant has on each. */
    received: async () => [await first.received(twins.wallet), await second.received(twins.wallet)] as const,
    sessions: (assetId: string) => app.owner("access_sessions").where("asset_id", assetId),
    close: async () => {
      await app.close();
      await payai.stop();
      await facilitator.stop();
      await database.drop();
      await twins.stop();
    },
  };
}

/** The offers of a 402 by network, in the words of either version. */
export function offersBy(
  x402Version: 1 | 2,
  reply: Reply,
): (network: X402Network) => Readonly<Record<string, unknown>> {
  const text = Buffer.from(reply.headers.get("payment-required") ?? "", "base64").toString("utf8");
  const { accepts } = Required.parse(x402Version === 2 ? JSON.parse(text) : reply.body);
  return ({ caip2, v1Name }) => {
    const found = accepts.find(({ network }) => network === (x402Version === 2 ? caip2 : v1Name));
    if (found === undefined) throw new Error(`no offer on ${caip2}`);
    return found;
  };
}

/** The signed part of what a client made. */
export function payloadOf(signed: unknown): object {
  return Signed.parse(signed).payload;
}
