import { createRequire } from "node:module";

/** The USDC mint of devnet. A local chain has it at the same address, so that what runs here is what runs there. */
export const LOCAL_USDC_MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";

const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const MINT_RENT_LAMPORTS = 1_461_600;
const MINT_BYTES = 82;
const USDC_DECIMALS = 6;
const SUPPLY_UNITS = 10n ** 18n;

/** How a chain makes its blocks. Default: one each 400 ms, as the public ones do; shorter ones let a test see a blockhash expire. */
export type SurfnetOptions = { readonly slotTimeMs?: number };

/** A Solana chain in this process's memory: its RPC and WebSocket endpoints, on ports it chose itself. */
export type Surfnet = { readonly rpc: string; readonly ws: string; readonly stop: () => void };

type Running = { readonly rpcUrl: string; readonly wsUrl: string; stop(): void };
type Surfpool = {
  readonly Surfnet: {
    startWithConfig(config: { readonly blockProductionMode: "clock"; readonly slotTimeMs: number }): Running;
  };
};

/** The npm package that has surfpool for this platform. The umbrella package is not published everywhere, so it is named itself. */
export function surfpoolPackage(): string {
  const libc = process.platform === "linux" ? "-gnu" : "";
  return `@solana/surfpool-${process.platform}-${process.arch}${libc}`;
}

/** Why no Solana chain can be started here, or undefined when it can. */
export function surfpoolMissing(): string | undefined {
  try {
    createRequire(import.meta.url).resolve(surfpoolPackage());
    return undefined;
  } catch {
    return `surfpool is missing: the npm package ${surfpoolPackage()} is not installed (npm ci without --omit=optional; it exists for Linux x64 with glibc and for macOS)`;
  }
}

/** Starts a chain with the USDC mint on it, in about 50 ms. Throws when surfpool is missing. */
export async function startSurfnet(options: SurfnetOptions = {}): Promise<Surfnet> {
  const missing = surfpoolMissing();
  if (missing !== undefined) throw new Error(missing);
  const surfpool: Surfpool = createRequire(import.meta.url)(surfpoolPackage());
  const running = surfpool.Surfnet.startWithConfig({
    blockProductionMode: "clock",
    slotTimeMs: options.slotTimeMs ?? 400,
  });
  await plantMint(running.rpcUrl);
  return { rpc: running.rpcUrl, ws: running.wsUrl, stop: () => running.stop() };
}

/** Writes a mint of USDC's shape where the real one is; nobody can mint more of it. */
async function plantMint(rpc: string): Promise<void> {
  const data = Buffer.alloc(MINT_BYTES);
  data.writeBigUInt64LE(SUPPLY_UNITS, 36);
  data.writeUInt8(USDC_DECIMALS, 44);
  data.writeUInt8(1, 45);
  await askSurfnet(rpc, "surfnet_setAccount", [
    LOCAL_USDC_MINT,
    { lamports: MINT_RENT_LAMPORTS, data: data.toString("hex"), owner: TOKEN_PROGRAM, executable: false, rentEpoch: 0 },
  ]);
}

/** Sets (does not add to) what a wallet holds of a token, making its token account; without `mint`, of USDC. Base units. */
export async function setTokens(
  rpc: string,
  holding: { readonly owner: string; readonly units: bigint; readonly mint?: string; readonly program?: string },
): Promise<void> {
  const { owner, units, mint = LOCAL_USDC_MINT, program = TOKEN_PROGRAM } = holding;
  await askSurfnet(rpc, "surfnet_setTokenAccount", [owner, mint, { amount: Number(units) }, program]);
}

/** Sets what a wallet holds of SOL, in lamports. */
export async function setLamports(rpc: string, holding: { readonly owner: string; readonly lamports: bigint }) {
  await askSurfnet(rpc, "surfnet_setAccount", [holding.owner, { lamports: Number(holding.lamports) }]);
}

/** One JSON-RPC call to a chain of ours. Throws what the chain says against it. */
export async function askSurfnet(rpc: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  const answer: { readonly result?: unknown; readonly error?: { readonly message: string } } = JSON.parse(
    await response.text(),
  );
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}
