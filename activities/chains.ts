import { setTimeout as pause } from "node:timers/promises";
import { Context } from "@temporalio/activity";
import type { SweepView } from "../workflows/contracts.ts";
import { scanDeposits } from "../src/integrations/chains/deposits.ts";
import type { ScanNeeds } from "../src/integrations/chains/deposits.ts";
import type { ChainRegistry } from "../src/integrations/chains/registry.ts";

/** What the chain activities need. The signer is here and nowhere in the API. */
export type ChainActivityNeeds = Omit<ScanNeeds, "chain"> & { readonly chains: ChainRegistry; readonly pollMilliseconds: number };

const LOOK_MS = 60_000;

/** The activities of the chains room. */
export function chainActivities(needs: ChainActivityNeeds) {
  return {
    watchChain: async (input: { readonly chain: string }): Promise<{ readonly details: string }> => {
      const context = Context.current();
      const chain = needs.chains.find(input.chain);
      const until = performance.now() + LOOK_MS;
      let details = `Watching ${chain.network.name}.`;
      while (performance.now() < until && !context.cancellationSignal.aborted) {
        const pass = await scanDeposits({ ...needs, chain });
        details = `${chain.network.name}: read to block ${pass.scannedTo} of ${pass.head}; ${pass.waiting} deposit(s) wait for confirmations.`;
        context.heartbeat(details);
        if (pass.caughtUp) await pause(needs.pollMilliseconds);
      }
      return { details };
    },
  };
}
