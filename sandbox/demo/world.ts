import { z } from "zod";

/** What a sale needs to know of `.tollkeeper/sandbox.json`. */
export const World = z.object({
  api: z.string(),
  temporal: z.object({ ui: z.string(), namespace: z.string() }),
  evm: z.object({
    rpc: z.string(),
    chainId: z.number(),
    chain: z.string(),
    usdc: z.string(),
    usdt: z.string(),
    faucetKey: z.string(),
  }),
  s3: z.object({ endpoint: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() }),
  keys: z.object({ admin: z.string() }),
});

/** See {@link World}. */
export type World = z.infer<typeof World>;
