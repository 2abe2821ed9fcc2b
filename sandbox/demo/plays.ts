import type { Progress } from "../parts/part.ts";
import type { SandboxDescription } from "../sandbox-file.ts";
import { playEvmSession, playSolanaSession } from "./access-session.ts";
import { playS3Sale } from "./s3-sale.ts";
import { playSolanaSale } from "./solana-sale.ts";

/** One sale that `npm start` plays on the running world, over the same HTTP surface as any customer. Throws when it does not end well. */
export type Play = {
  readonly title: string;
  readonly play: (world: SandboxDescription, say: Progress) => Promise<void>;
};

/** The plays in the order they are shown. A new family of sales adds its line here. */
export const plays: readonly Play[] = [
  {
    title: "a customer buys an S3 bucket with USDC, uses it, and runs out",
    play: async (world, say) => void (await playS3Sale(world, say)),
  },
  {
    title: "a customer pays with USDC on Solana",
    play: async (world, say) => void (await playSolanaSale(world, say)),
  },
  { title: "somebody rents a GPU with USDC on Solana, by x402", play: playSolanaSession },
  { title: "somebody rents a GPU with USDC on the EVM chain, by x402", play: playEvmSession },
];
