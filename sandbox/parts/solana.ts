import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Keypair } from "@solana/web3.js";
import { encodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import { waitUntilAnswering } from "./answering.ts";
import { startChild } from "./child-process.ts";
import type { Part } from "./part.ts";
import { askSurfnet, LOCAL_USDC_MINT, setLamports, setTokens, surfpoolPackage } from "./surfnet.ts";

const PROGRAM = fileURLToPath(new URL("./solana-node.ts", import.meta.url));
const FAUCET_LAMPORTS = 10n ** 15n;
const FAUCET_UNITS = 10n ** 15n;

// It guards nothing: the chain listens on loopback and its coins are made up.
const FAUCET = Keypair.fromSeed(createHash("sha256").update("the faucet of the embedded Solana chain").digest());

/** How to start the chain. It lives in memory: each start is a new one, with another first block. */
export type SolanaOptions = {
  readonly runDirectory: string;
  readonly port: number;
  readonly slotTimeMs?: number;
  /** Lamports that wallets were given, filled by `fund`: with the same map a chain that begins anew gives them again. */
  readonly funded?: Map<string, bigint>;
};

/** A Solana chain with a USDC mint at devnet's address; `faucetKey` owns plenty of USDC and of SOL. */
export type SolanaPart = Part & {
  readonly rpc: string;
  readonly ws: string;
  readonly usdcMint: string;
  /** 64 bytes in base 58, as wallets take them. */
  readonly faucetKey: string;
  /** Sets what a wallet holds of SOL, in lamports. */
  readonly fund: (address: string, lamports: bigint) => Promise<void>;
};

/** Starts surfpool in a process of its own, behind one port. Throws when the package for this platform is missing. */
export async function startSolana(options: SolanaOptions): Promise<SolanaPart> {
  const { runDirectory, port, slotTimeMs = 400, funded = new Map<string, bigint>() } = options;
  const args = ["--import", "tsx", PROGRAM, String(port), String(slotTimeMs)];
  const child = await startChild({ name: "solana", command: process.execPath, args, runDirectory });
  const rpc = `http://127.0.0.1:${port}`;
  try {
    await waitUntilAnswering(child, () => askSurfnet(rpc, "getHealth"));
    const owner = FAUCET.publicKey.toBase58();
    await setLamports(rpc, { owner, lamports: FAUCET_LAMPORTS });
    await setTokens(rpc, { owner, units: FAUCET_UNITS });
    for (const [wallet, lamports] of funded) await setLamports(rpc, { owner: wallet, lamports });
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    name: "solana",
    source: `npm ${surfpoolPackage()}`,
    rpc,
    ws: `ws://127.0.0.1:${port}`,
    usdcMint: LOCAL_USDC_MINT,
    faucetKey: encodeBase58(FAUCET.secretKey),
    fund: async (address, lamports) => {
      await setLamports(rpc, { owner: address, lamports });
      funded.set(address, lamports);
    },
    died: child.exited.then((reason) => `${reason}\n${child.lastLines()}`),
    stop: child.stop,
  };
}
