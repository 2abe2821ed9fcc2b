import { DomainError } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { raiseAlert, resolveAlert } from "../../../platform/operator-alert-store.ts";
import type { Chain, ChainToken } from "../chain.ts";
import { type ReconcileNeeds, type ReconcileProgress, reconcileToken } from "./reconcile-chain.ts";
import { type ChainReconciliation, insertReconciliation } from "./reconciliation-store.ts";

/** What comparing all chains needs. */
export type ReconcileChainsNeeds = {
  readonly database: Database;
  readonly chains: readonly Chain[];
  /** The offramp wallets of a chain where they are watched, and who books what the owner moved. */
  readonly treasuryOf?: ((chain: Chain) => ReconcileNeeds["treasury"]) | undefined;
  /** The settlement wallet of a chain, where payments are taken in custody. */
  readonly settlementOf?: ((chain: Chain) => ReconcileNeeds["settlement"]) | undefined;
};

/** What a comparison found, in one sentence per chain and token; `sound` false means that somebody must look now. */
export type ReconciledChains = { readonly sound: boolean; readonly summary: string };

/** How far a comparison of all chains has come: what those done found, and how far the one at work is. Plain JSON. */
export type ReconcileAllProgress = {
  readonly done: readonly (ReconciledChains & { readonly name: string })[];
  readonly current?: ReconcileProgress;
};

const NAMED_IN_ALERT = 5;

/**
 * Compares every token of every chain with the books, keeps what it finds, and tells operators once while there is drift. A chain whose
 * node is away is left out and stops no other. `from` is where an earlier, killed call was.
 */
export async function reconcileChains(
  needs: ReconcileChainsNeeds,
  input: {
    readonly from?: ReconcileAllProgress;
    readonly onProgress?: (progress: ReconcileAllProgress) => void;
    readonly pauseMilliseconds?: number;
  } = {},
): Promise<ReconciledChains> {
  const done = [...(input.from?.done ?? [])];
  let current = input.from?.current;
  for (const { chain, token, name } of pairs(needs.chains)) {
    if (done.some((earlier) => earlier.name === name)) continue;
    const outcome = await compareOne(
      needs,
      { chain, token, name },
      {
        ...(current === undefined ? {} : { from: current }),
        ...(input.pauseMilliseconds === undefined ? {} : { pauseMilliseconds: input.pauseMilliseconds }),
        onProgress: (progress) => input.onProgress?.({ done, current: progress }),
      },
    );
    done.push({ name, ...outcome });
    current = undefined;
    input.onProgress?.({ done });
  }
  const said = done.map(({ summary }) => summary).join(" ");
  return { sound: done.every((outcome) => outcome.sound), summary: said || "No chain is configured." };
}

type Pair = { readonly chain: Chain; readonly token: ChainToken; readonly name: string };

function pairs(chains: readonly Chain[]): readonly Pair[] {
  return chains.flatMap((chain) =>
    chain.network.tokens.map((token) => ({ chain, token, name: `${chain.network.shortName}/${token.symbol}` })),
  );
}

async function compareOne(
  needs: ReconcileChainsNeeds,
  { chain, token, name }: Pair,
  options: Omit<Parameters<typeof reconcileToken>[1], "token">,
): Promise<ReconciledChains> {
  try {
    const found = await reconcileToken(
      { database: needs.database, chain, treasury: needs.treasuryOf?.(chain), settlement: needs.settlementOf?.(chain) },
      { ...options, token },
    );
    if (found === undefined) return { sound: true, summary: `${name}: not scanned yet.` };
    await needs.database.transaction((transaction) => keep(transaction, { name, found }));
    return { sound: found.status !== "drift", summary: describe(name, found) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { sound: true, summary: `${name}: not compared (${error.code}).` };
  }
}

async function keep(
  transaction: Database,
  { name, found }: { readonly name: string; readonly found: ChainReconciliation },
): Promise<void> {
  const alert = { subject: `chain/${name}`, code: "chain_drift" };
  await insertReconciliation(transaction, found);
  if (found.status === "sound") await resolveAlert(transaction, alert);
  if (found.status === "drift") await raiseAlert(transaction, { ...alert, text: describe(name, found) });
}

function describe(name: string, found: ChainReconciliation): string {
  const strangers = `${found.foreignUnits} base units in the settlement wallet are no payment of ours.`;
  return found.foreignUnits === 0n ? describeOwn(name, found) : `${describeOwn(name, found)} ${strangers}`;
}

function describeOwn(name: string, found: ChainReconciliation): string {
  if (found.status === "unsettled") return `${name}: unsettled, blocks were replaced while it was read.`;
  if (found.status === "sound") {
    const underWay = found.underWayUnits === 0n ? "" : `, ${found.underWayUnits} of it under way`;
    return `${name}: sound at block ${found.blockNumber}, ${found.places} places hold ${found.foundUnits} base units${underWay}.`;
  }
  const named = found.drifts
    .slice(0, NAMED_IN_ALERT)
    .map(({ place, unit, expected, found: units }) => `${place} holds ${units} ${unit} where ${expected} are booked`);
  const more = found.drifts.length > NAMED_IN_ALERT ? `, and ${found.drifts.length - NAMED_IN_ALERT} more` : "";
  return `${name}: DRIFT of ${found.driftUnits} base units: ${named.join("; ")}${more}.`;
}
