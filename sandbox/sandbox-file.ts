import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const SandboxDescription = z.object({
  api: z.string(),
  temporal: z.object({ address: z.string(), namespace: z.string(), ui: z.string().optional() }),
  /** URL of the application's login. */
  postgres: z.string(),
  postgresOwner: z.string(),
  evm: z.object({
    rpc: z.string(),
    chainId: z.number(),
    /** The value `initiate` takes as `chain`. */
    chain: z.string(),
    usdc: z.string(),
    usdt: z.string(),
    /** Private key, 0x and 64 hex digits, of an account with plenty of native coin and of both tokens. */
    faucetKey: z.string(),
  }),
  /** Absent where no Solana chain runs. */
  solana: z
    .object({
      rpc: z.string(),
      ws: z.string(),
      network: z.string(),
      /** The value `initiate` takes as `chain`. */
      chain: z.string(),
      usdcMint: z.string(),
      /** Secret key, 64 bytes in base 58, of a wallet with plenty of USDC and SOL. */
      faucetKey: z.string(),
    })
    .optional(),
  s3: z.object({
    endpoint: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    billingBucket: z.string(),
  }),
  webhookInbox: z.string(),
  /** URL of our own x402 facilitator. */
  facilitator: z.string(),
  /** A stand-in with one organisation; its key is what a buyer hands to a vendor. */
  officex: z.object({ host: z.string(), orgId: z.string(), orgApiKey: z.string() }),
  mail: z.object({ smtp: z.string(), messages: z.string() }),
  keys: z.object({ admin: z.string() }),
});

/** Every address and key of a running embedded world, as written to `.tollkeeper/sandbox.json`. */
export type SandboxDescription = z.infer<typeof SandboxDescription>;

/** Writes the description in one step; only its owner can read it. Its presence means that everything answers. */
export function writeSandboxFile(folder: string, description: SandboxDescription): string {
  const path = join(folder, "sandbox.json");
  writeFileSync(`${path}.draft`, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.draft`, path);
  return path;
}

/** Removes the description: from here on nobody should count on the world. */
export function removeSandboxFile(folder: string): void {
  rmSync(join(folder, "sandbox.json"), { force: true });
}

/** Reads the description of a world that is up. Throws when none is, saying how to bring one up. */
export function readSandboxFile(folder: string): SandboxDescription {
  const path = join(folder, "sandbox.json");
  if (!existsSync(path)) throw new Error("No sandbox is up here: bring one up with npm start.");
  return SandboxDescription.parse(JSON.parse(readFileSync(path, "utf8")));
}
