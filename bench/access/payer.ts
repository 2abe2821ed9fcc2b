import { createKeyPairSignerFromBytes } from "@solana/kit";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import { decodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import type { AccessWorld } from "./world.ts";

/** Terms of x402 version 2, as a 402 offers them. */
export const Terms = z.looseObject({
  scheme: z.string(),
  network: z.templateLiteral([z.string(), ":", z.string()]),
  amount: z.string(),
  asset: z.string(),
  payTo: z.string(),
  maxTimeoutSeconds: z.number(),
  extra: z.record(z.string(), z.unknown()),
});
/** Terms of x402 version 2, as a 402 offers them. */
export type Terms = z.infer<typeof Terms>;

/** Who pays on one network, by an unmodified x402 client, and what a node there says of the transaction that it came to. */
export type BenchPayer = {
  readonly name: string;
  readonly caip2: string;
  readonly sign: (terms: Terms) => Promise<unknown>;
  /** One question to the node; null while it does not know. */
  readonly read: (transaction: string) => Promise<unknown>;
};

/** A payer for each chain that runs, with plenty of tokens. */
export async function openPayers({ description: { evm, solana } }: AccessWorld): Promise<readonly BenchPayer[]> {
  const scheme = new ExactEvmScheme(privateKeyToAccount(`0x${evm.faucetKey.replace(/^0x/, "")}`));
  const onEvm: BenchPayer = {
    name: "EVM",
    caip2: `eip155:${evm.chainId}`,
    sign: async (terms) => (await scheme.createPaymentPayload(2, terms)).payload,
    read: (transaction) => ask(evm.rpc, "eth_getTransactionReceipt", [transaction]),
  };
  if (solana === undefined) return [onEvm];
  const signer = await createKeyPairSignerFromBytes(decodeBase58(solana.faucetKey) ?? new Uint8Array());
  const client = new ExactSvmScheme(signer, { rpcUrl: solana.rpc });
  const options = { encoding: "jsonParsed", commitment: "confirmed", maxSupportedTransactionVersion: 0 };
  const onSolana: BenchPayer = {
    name: "Solana",
    // Local chains pose as devnet: x402's packages know no other.
    caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
    sign: async (terms) => (await client.createPaymentPayload(2, terms)).payload,
    read: (transaction) => ask(solana.rpc, "getTransaction", [transaction, options]),
  };
  return [onEvm, onSolana];
}

const Answer = z.object({ result: z.unknown() });

async function ask(rpc: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  return Answer.parse(await response.json()).result;
}
