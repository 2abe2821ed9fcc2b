import { inject } from "vitest";
import { type EvmPart, findAnvil, startEvm } from "../../sandbox/parts/evm.ts";
import { freePort } from "../../sandbox/parts/ports.ts";

/** Why the tests of a chain cannot run here, or undefined when they can. For `describe.skipIf(evmMissing)`. */
export const evmMissing: string | undefined = findMissing();

if (evmMissing !== undefined) console.log(`Tests of the chain are skipped: ${evmMissing}`);

/** A chain of one test file's own, in memory, that adds a block for each transaction and otherwise only by `mine`. */
export async function startTestEvm(): Promise<EvmPart> {
  return startEvm({ runDirectory: inject("runDirectory"), port: await freePort(), mining: "on-demand" });
}

function findMissing(): string | undefined {
  try {
    findAnvil();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
