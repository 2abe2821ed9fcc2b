import { Keypair } from "@solana/web3.js";
import { openSolanaWallet, type SolanaWallet } from "../../sandbox/demo/solana-wallet.ts";
import { type Surfnet, setLamports, setTokens, startSurfnet, surfpoolMissing } from "../../sandbox/parts/surfnet.ts";
import { encodeBase58 } from "../../src/integrations/chains/solana/base58.ts";

/** Why the tests of Solana cannot run here, or undefined when they can. For `describe.skipIf(solanaMissing)`. */
export const solanaMissing: string | undefined = surfpoolMissing();

if (solanaMissing !== undefined) console.log(`Tests of Solana are skipped: ${solanaMissing}`);

/** A Solana chain of one test file's own, in memory, and a customer's wallet with plenty of USDC and SOL on it. */
export type TestSolana = Surfnet & { readonly customer: SolanaWallet };

/** Starts a chain in about 50 ms. Its clock makes a block each 50 ms unless told: finality then takes two seconds. */
export async function startTestSolana(options: { readonly slotTimeMs?: number } = {}): Promise<TestSolana> {
  const surfnet = await startSurfnet({ slotTimeMs: options.slotTimeMs ?? 50 });
  return { ...surfnet, customer: await newCustomer(surfnet.rpc) };
}

/** A wallet with 1,000,000 USDC and 10 SOL. */
export async function newCustomer(rpc: string): Promise<SolanaWallet> {
  const customer = openSolanaWallet(rpc, encodeBase58(Keypair.generate().secretKey));
  await setLamports(rpc, { owner: customer.address, lamports: 10n ** 10n });
  await setTokens(rpc, { owner: customer.address, units: 10n ** 12n });
  return customer;
}
