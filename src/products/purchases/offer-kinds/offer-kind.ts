import type { OfferKindName } from "./kinds.ts";

/** What a step is told. `heartbeat` says that it lives and how far it came; what must survive a killed worker goes to the database. */
export type StepInput = {
  readonly purchaseId: string;
  readonly heartbeat: (progress: StepProgress) => void;
  readonly signal: AbortSignal;
};

/** How far a long step came: items handled so far in all attempts. */
export type StepProgress = { readonly handled: number };

/**
 * One idempotent step of provisioning or termination. It may run any number of times and die at any line; running it again
 * finishes the job. It stores what it learns (secrets sealed) and returns nothing, so no secret enters a workflow history.
 */
export type Step<Needs> = {
  readonly name: string;
  readonly summary: string;
  readonly long?: boolean;
  readonly run: (needs: Needs, input: StepInput) => Promise<void>;
};

/**
 * A kind of product: how it comes to be, how it is shut and opened again while its balance is critical, and how it ends, as ordered
 * steps. New kinds add a file and a registry row.
 */
export type OfferKind<Needs> = {
  readonly kind: OfferKindName;
  readonly provision: readonly Step<Needs>[];
  readonly suspend: readonly Step<Needs>[];
  readonly resume: readonly Step<Needs>[];
  readonly terminate: readonly Step<Needs>[];
};
