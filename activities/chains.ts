import { setTimeout as pause } from "node:timers/promises";
import { Context } from "@temporalio/activity";
import { fillAddressStock } from "../src/integrations/chains/addresses/address-stock.ts";
import type { Chain } from "../src/integrations/chains/chain.ts";
import type { ScanNeeds } from "../src/integrations/chains/deposits/deposits.ts";
import { scanDeposits } from "../src/integrations/chains/deposits/deposits.ts";
import { NothingToSweep } from "../src/integrations/chains/errors.ts";
import { checkTransaction } from "../src/integrations/chains/outgoing/outgoing-transactions.ts";
import type { ChainRegistry } from "../src/integrations/chains/registry.ts";
import type { Signer } from "../src/integrations/chains/signer.ts";
import type { SolanaKeys } from "../src/integrations/chains/solana/keystore-signer.ts";
import { broadcastSweep } from "../src/integrations/chains/sweeps/broadcast-sweep.ts";
import { recordSweep } from "../src/integrations/chains/sweeps/record-sweep.ts";
import { type PreparedSweep, prepareSweep } from "../src/integrations/chains/sweeps/sweep.ts";
import { isSentBack } from "../src/integrations/chains/sweeps/sweep-request-store.ts";
import { readChainOfDeposit } from "../src/integrations/chains/sweeps/sweep-requests.ts";
import { formatDollars, nanodollars } from "../src/money/nanodollars.ts";
import type { SweepPlan } from "../workflows/contracts.ts";

const SWEEP_SAID = {
  swept: "The deposit is in the vendor's wallet",
  fuelled: "The deposit address has its fuel, the deposit follows",
  reverted: "The transaction did not go through, another follows",
} as const;

/** What the chain activities need. The signer is here and nowhere in the API. */
export type ChainActivityNeeds = Omit<ScanNeeds, "chain"> & {
  readonly chains: ChainRegistry;
  readonly signer: Signer;
  /** Where Solana is configured. */
  readonly solanaKeys?: SolanaKeys | undefined;
  readonly pollMilliseconds: number;
  /** Aborted when the worker is asked to stop: the endless look ends its minute early instead of holding the stop up. */
  readonly draining: AbortSignal;
};

const LOOK_MS = 60_000;

const SENT_BACK: SweepPlan = {
  sweepId: "",
  transactionId: null,
  isOver: true,
  details: "Nothing is left to sweep: the deposit goes back to its sender.",
};

type Sent = { readonly depositId: string; readonly transactionId: string };

/** Undefined when the deposit was promised back to its sender just before a sweep could take it. */
async function planSweep(
  needs: Parameters<typeof prepareSweep>[0],
  depositId: string,
): Promise<PreparedSweep | undefined> {
  try {
    return await prepareSweep(needs, { depositId });
  } catch (error) {
    if (error instanceof NothingToSweep && (await isSentBack(needs.database, depositId))) return undefined;
    throw error;
  }
}

/** The activities of the chains room: the endless look at a chain, and the steps of a sweep. */
export function chainActivities(needs: ChainActivityNeeds) {
  const { database, ledger } = needs;
  const chainOf = (depositId: string): Promise<Chain> => readChainOfDeposit(needs, depositId);
  return {
    watchChain: (input: { readonly chain: string }) => watch(needs, needs.chains.find(input.chain)),
    prepareSweep: async ({ depositId }: { readonly depositId: string }): Promise<SweepPlan> => {
      const chain = await chainOf(depositId);
      if (await isSentBack(database, depositId)) return SENT_BACK;
      const plan = await planSweep({ database, chain, signer: signerOf(needs, chain) }, depositId);
      if (plan === undefined) return SENT_BACK;
      const what = `${plan.amountUnits} base units of ${plan.token} on ${plan.chain}`;
      if (plan.state === "waiting") {
        const details = `${what} wait ${plan.reason}.`;
        return { sweepId: plan.sweepId, transactionId: null, waitSeconds: plan.seconds, details };
      }
      if (plan.state === "settled")
        return {
          sweepId: plan.sweepId,
          transactionId: null,
          details: `${what} moved already in ${plan.transactionHash}.`,
        };
      return {
        sweepId: plan.sweepId,
        transactionId: plan.outgoingTransactionId,
        details:
          plan.purpose === "fuel"
            ? `Giving the deposit address its gas in ${plan.hash}, to sweep ${what}.`
            : `Sweeping ${what} in ${plan.hash}.`,
      };
    },
    broadcastSweep: async ({ depositId, transactionId }: Sent): Promise<void> => {
      const chain = await chainOf(depositId);
      const signer = signerOf(needs, chain);
      await broadcastSweep({ database, chain, signer }, { outgoingTransactionId: transactionId });
    },
    isSweepMined: async ({ depositId, transactionId }: Sent): Promise<boolean> => {
      const check = await checkTransaction(
        { database, chain: await chainOf(depositId) },
        { outgoingTransactionId: transactionId },
      );
      // An expired one is over as well: what is written down next makes way for another attempt.
      return check.state === "mined" || check.state === "expired";
    },
    recordSweep: async ({ depositId, sweepId }: { readonly depositId: string; readonly sweepId: string }) => {
      const recorded = await recordSweep({ database, ledger, chain: await chainOf(depositId) }, { sweepId });
      const cost = recorded.gasCost === "0" ? "its gas is in the books" : `gas cost ${dollars(recorded.gasCost)} USD`;
      return { outcome: recorded.outcome, details: `${SWEEP_SAID[recorded.outcome]}; ${cost}.` };
    },
  };
}

/** A cost as operators read it: nanodollars as text in, US dollars out. */
export function dollars(nanodollarText: string): string {
  return formatDollars(nanodollars(BigInt(nanodollarText)));
}

/** The signer of a chain's kind. Throws when this worker has none, as without its configuration it is not even watched. */
export function signerOf(needs: Pick<ChainActivityNeeds, "signer" | "solanaKeys">, chain: Chain): Signer {
  if (chain.network.kind === "evm") return needs.signer;
  if (needs.solanaKeys === undefined) throw new Error(`This worker has no keys for ${chain.network.name}.`);
  return needs.solanaKeys.signer;
}

async function watch(needs: ChainActivityNeeds, chain: Chain): Promise<{ readonly details: string }> {
  const context = Context.current();
  const until = performance.now() + LOOK_MS;
  let details = `Watching ${chain.network.name}.`;
  const { solanaKeys } = needs;
  const wallets = chain.network.kind === "evm" ? [needs.signer.vendorWallet, needs.signer.treasury] : [];
  const stop = AbortSignal.any([context.cancellationSignal, needs.draining]);
  while (performance.now() < until && !stop.aborted) {
    if (solanaKeys?.keyRing.kind === chain.network.kind)
      await fillAddressStock({ database: needs.database, keyRing: solanaKeys.keyRing });
    const pass = await scanDeposits({ ...needs, chain, wallets });
    details = `${chain.network.name}: read to block ${pass.scannedTo} of ${pass.head}; ${pass.waiting} deposit(s) wait for confirmations.`;
    context.heartbeat(details);
    if (pass.caughtUp) await pause(needs.pollMilliseconds);
  }
  return { details };
}
