import { createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";
import { Keypair } from "@solana/web3.js";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { createPublicClient, http, parseAbi } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import type { EvmPart } from "../../sandbox/parts/evm.ts";
import { askSurfnet, LOCAL_USDC_MINT, setLamports, setTokens } from "../../sandbox/parts/surfnet.ts";
import { tokenAccountOf } from "../../src/integrations/chains/solana/token-accounts.ts";
import type { FacilitatorCall, WireObject } from "../../src/integrations/x402/facilitator.ts";
import type { X402Network } from "../../src/integrations/x402/networks.ts";

/** A chain with a payer and a merchant on it, for whatever facilitator. */
export type TestPayments = {
  readonly network: X402Network;
  readonly rpcUrl: string;
  readonly payer: string;
  /** Gives a fee payer what it pays with. */
  readonly fund: (feePayer: string, coins?: bigint) => Promise<void>;
  /** A payment of 0.10 USDC to a merchant, signed by an unmodified client; each is another one. */
  readonly sign: (extra: WireObject, terms?: Partial<Record<"payTo" | "amount", string>>) => Promise<FacilitatorCall>;
  /** What the merchant has, in base units. */
  readonly received: () => Promise<bigint>;
};

const Payload = z.record(z.string(), z.json());
const AMOUNT = "100000";
const BALANCE = parseAbi(["function balanceOf(address) view returns (uint256)"]);

/** On an EVM chain that the test started. */
export async function openEvmPayments(evm: EvmPart): Promise<TestPayments> {
  const account = privateKeyToAccount(generatePrivateKey());
  const merchant = privateKeyToAccount(generatePrivateKey()).address;
  await evm.mint("USDC", account.address, 1_000_000_000n);
  const asset = z.templateLiteral(["0x", z.string()]).parse(evm.usdc);
  const client = createPublicClient({ transport: http(evm.rpc) });
  const caip2 = `eip155:${evm.chainId}` as const;
  const eip712 = { name: "USD Coin", version: "2" };
  const scheme = new ExactEvmScheme(account);
  return {
    network: {
      ...{ id: caip2, caip2, v1Name: null, kind: "evm", shortName: "local", isTest: true },
      tokens: [{ symbol: "USDC", address: evm.usdc, decimals: 6, eip712 }],
    },
    rpcUrl: evm.rpc,
    payer: account.address,
    fund: (feePayer, coins = 10n ** 19n) => evm.fund(feePayer, coins),
    sign: async (extra, terms = {}) => {
      const offer = { ...terms, scheme: "exact", network: caip2, asset, maxTimeoutSeconds: 120 };
      const requirements = { payTo: merchant, amount: AMOUNT, ...offer, extra: { ...eip712, ...extra } };
      const { payload } = await scheme.createPaymentPayload(2, requirements);
      return callOf(requirements, payload);
    },
    received: () => client.readContract({ address: asset, abi: BALANCE, functionName: "balanceOf", args: [merchant] }),
  };
}

/** On a Solana chain that the test started. */
export async function openSolanaPayments({ rpc }: { readonly rpc: string }): Promise<TestPayments> {
  const signer = await createKeyPairSignerFromPrivateKeyBytes(Keypair.generate().secretKey.slice(0, 32));
  const merchant = Keypair.generate().publicKey.toBase58();
  await setTokens(rpc, { owner: signer.address, units: 1_000_000_000n });
  await setTokens(rpc, { owner: merchant, units: 0n });
  const caip2 = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1" as const;
  const scheme = new ExactSvmScheme(signer, { rpcUrl: rpc });
  const account = tokenAccountOf({ owner: merchant, mint: LOCAL_USDC_MINT });
  return {
    network: {
      ...{ id: "solana:local", caip2, v1Name: "solana-devnet", kind: "solana", shortName: "solana", isTest: true },
      tokens: [{ symbol: "USDC", address: LOCAL_USDC_MINT, decimals: 6 }],
    },
    rpcUrl: rpc,
    payer: signer.address,
    fund: (owner, lamports = 10n ** 9n) => setLamports(rpc, { owner, lamports }),
    sign: async (extra, terms = {}) => {
      const offer = { ...terms, scheme: "exact", network: caip2, asset: LOCAL_USDC_MINT, maxTimeoutSeconds: 120 };
      const requirements = { payTo: merchant, amount: AMOUNT, ...offer, extra };
      const { payload } = await scheme.createPaymentPayload(2, requirements);
      return callOf(requirements, payload);
    },
    received: async () => {
      const answer = await askSurfnet(rpc, "getTokenAccountBalance", [account, { commitment: "confirmed" }]);
      return BigInt(z.object({ value: z.object({ amount: z.string() }) }).parse(answer).value.amount);
    },
  };
}

/** The call in version 2, as our server makes it of what a client sent. */
function callOf(requirements: WireObject, payload: unknown): FacilitatorCall {
  const signed = Payload.parse(payload);
  return {
    x402Version: 2,
    paymentPayload: { x402Version: 2, accepted: requirements, payload: signed },
    paymentRequirements: requirements,
  };
}

/** The same payment in version 1. */
export function asVersion1({ network }: TestPayments, call: FacilitatorCall): FacilitatorCall {
  const { amount, ...terms } = call.paymentRequirements;
  const name = network.v1Name ?? "";
  return {
    x402Version: 1,
    paymentPayload: { x402Version: 1, scheme: "exact", network: name, payload: call.paymentPayload.payload ?? null },
    paymentRequirements: {
      ...terms,
      ...{
        network: name,
        maxAmountRequired: amount ?? null,
        resource: "https://tollkeeper.example/x",
        description: "",
        mimeType: "",
      },
    },
  };
}
