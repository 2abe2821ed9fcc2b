import { Context } from "@temporalio/activity";
import { z } from "zod";
import type { Chain } from "../src/integrations/chains/chain.ts";
import type { LedgerWriter } from "../src/integrations/chains/ledger-writer.ts";
import type { TankLevels } from "../src/integrations/chains/outgoing/gas-tank.ts";
import { watchGasTanks } from "../src/integrations/chains/outgoing/watch-gas-tanks.ts";
import type {
  ReconcileAllProgress,
  ReconciledChains,
} from "../src/integrations/chains/reconciliation/reconcile-chains.ts";
import { reconcileChains } from "../src/integrations/chains/reconciliation/reconcile-chains.ts";
import type { Settlement } from "../src/integrations/chains/reconciliation/settlement-wallet.ts";
import type { ChainRegistry } from "../src/integrations/chains/registry.ts";
import type { Signer } from "../src/integrations/chains/signer.ts";
import type { SolanaKeys } from "../src/integrations/chains/solana/keystore-signer.ts";
import type { AlertNeeds } from "../src/integrations/notifications/deliver-alert.ts";
import { deliverAlert } from "../src/integrations/notifications/deliver-alert.ts";
import { findClaimedUnits, readSettlementBooks } from "../src/products/access/fees/settlement-books-store.ts";
import { CLOSED_ACCESS_SUBJECTS } from "../src/products/access/operators/closed-subject-store.ts";
import { STUCK_ACCESS_LOOKS } from "../src/products/access/operators/stuck-look-store.ts";
import { closeWakes } from "../src/products/purchases/watch/close-wakes.ts";
import { findStuck } from "../src/products/purchases/watch/find-stuck.ts";
import { forgetTold } from "../src/products/purchases/watch/forget-told.ts";
import { signerOf } from "./chains.ts";

const HEARTBEAT_MS = 5_000;

/** What the operators' watch needs. */
export type WatchActivityNeeds = AlertNeeds & {
  readonly chains: ChainRegistry;
  readonly signer: Signer;
  readonly solanaKeys?: SolanaKeys | undefined;
  readonly ledger: LedgerWriter;
  readonly tankLevels: TankLevels;
  /** Whether what leaves the offramp wallets without us is booked as the owner's. */
  readonly watchTreasury: boolean;
};

/** What operators are told without asking. */
export function watchActivities(needs: WatchActivityNeeds) {
  const { database, chains, tankLevels: levels } = needs;
  return {
    deliverAlert: (input: { readonly alertId: string }): Promise<string> => deliverAlert(needs, input),
    watchGasTanks: async (): Promise<string> => {
      const tanks = chains.chains.map((chain) => ({ chain, vendorWallet: signerOf(needs, chain).vendorWallet }));
      return (await watchGasTanks({ database, tanks, levels })).join(" ");
    },
    closeWakes: async (): Promise<number> => {
      const closed = await closeWakes({ database, closed: CLOSED_ACCESS_SUBJECTS });
      await forgetTold({ database });
      return closed;
    },
    findStuck: (): Promise<string> => findStuck({ database, looks: STUCK_ACCESS_LOOKS }),
    reconcileChains: (): Promise<ReconciledChains> =>
      compareChains({
        database,
        chains: chains.chains,
        treasuryOf: (chain) => treasuryOf(needs, chain),
        settlementOf: (chain) => settlementOf(needs, chain),
      }),
  };
}

/** Only EVM's treasuries can be watched today. */
function treasuryOf(needs: WatchActivityNeeds, chain: Chain) {
  if (!needs.watchTreasury || chain.network.kind !== "evm") return undefined;
  const { vendorWallet, treasury } = signerOf(needs, chain);
  return { ledger: needs.ledger, wallets: [...new Set([treasury, vendorWallet])] };
}

function settlementOf(needs: WatchActivityNeeds, chain: Chain): Settlement {
  const { database } = needs;
  return {
    wallet: signerOf(needs, chain).settlementWallet,
    readBooks: (place) => readSettlementBooks(database, place),
    findClaimed: (question) => findClaimedUnits(database, question),
  };
}

const Progress: z.ZodType<ReconcileAllProgress> = z.object({
  done: z.array(z.object({ name: z.string(), sound: z.boolean(), summary: z.string() })),
  current: z
    .object({
      after: z.string(),
      places: z.int(),
      expected: z.string(),
      found: z.string(),
      suspects: z.array(z.string()),
    })
    .exactOptional(),
});

/** Goes on where a call that was killed has stopped; between two pages it says that it lives. */
async function compareChains(needs: Parameters<typeof reconcileChains>[0]): Promise<ReconciledChains> {
  const context = Context.current();
  const earlier = Progress.safeParse(context.info.heartbeatDetails);
  let progress: ReconcileAllProgress = earlier.success ? earlier.data : { done: [] };
  const beat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MS);
  try {
    return await reconcileChains(needs, {
      from: progress,
      onProgress: (made) => {
        progress = made;
        context.heartbeat(made);
      },
    });
  } finally {
    clearInterval(beat);
  }
}
