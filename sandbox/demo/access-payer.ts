import { createKeyPairSignerFromBytes } from "@solana/kit";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { privateKeyToAccount } from "viem/accounts";
import { decodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import type { SandboxDescription } from "../sandbox-file.ts";

/** Somebody with a wallet and nobody's account: `pay` is `fetch` that answers a 402 with a signed payment, by an unmodified x402 client. */
export type Payer = { readonly address: string; readonly pay: typeof fetch };

/** A payer on the local EVM chain; it needs no native coin, because it only signs. */
export function openEvmPayer({ evm }: SandboxDescription): Payer {
  const account = privateKeyToAccount(`0x${evm.faucetKey.replace(/^0x/, "")}`);
  const pay = wrapFetchWithPaymentFromConfig(fetch, {
    schemes: [{ network: "eip155:*", client: new ExactEvmScheme(account) }],
    // Clients pay with the tokens they know, and a test token is none of those.
    spendControls: { allowedAssets: true },
  });
  return { address: account.address, pay };
}

/** A payer on the local Solana chain; it needs no SOL, because the facilitator pays the network's fee. */
export async function openSolanaPayer(solana: NonNullable<SandboxDescription["solana"]>): Promise<Payer> {
  const signer = await createKeyPairSignerFromBytes(decodeBase58(solana.faucetKey) ?? new Uint8Array());
  const client = new ExactSvmScheme(signer, { rpcUrl: solana.rpc });
  const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "solana:*", client }] });
  return { address: signer.address, pay };
}
