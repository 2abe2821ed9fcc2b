import { type Surfnet, startSurfnet, surfpoolMissing } from "../../sandbox/parts/surfnet.ts";

/** Why the tests of Solana cannot run here, or undefined when they can. For `describe.skipIf(solanaMissing)`. */
export const solanaMissing: string | undefined = surfpoolMissing();

if (solanaMissing !== undefined) console.log(`Tests of Solana are skipped: ${solanaMissing}`);

/** A Solana chain of one test file's own, in memory, with the USDC mint and nothing else on it. */
export async function startTestSolana(options: { readonly slotTimeMs?: number } = {}): Promise<Surfnet> {
  return startSurfnet(options);
}
