import type { OfferKindName } from "./kinds.ts";
import type { OfferKind, Step } from "./offer-kind.ts";
import type { BucketStepNeeds } from "./s3-bucket.ts";
import { s3Bucket } from "./s3-bucket.ts";

/** What any kind's steps may need; each uses its own part. */
export type OfferKindNeeds = BucketStepNeeds;

const KINDS: Readonly<Record<OfferKindName, OfferKind<OfferKindNeeds>>> = { s3_bucket: s3Bucket };

const STEP_PHASES = ["provision", "suspend", "resume", "terminate"] as const;

/** A phase that consists of steps. */
export type StepPhase = (typeof STEP_PHASES)[number];

/** The steps of a kind of product. */
export function offerKind(name: OfferKindName): OfferKind<OfferKindNeeds> {
  return KINDS[name];
}

/** The steps of a phase in order; none for what is not a phase of steps. */
export function offerSteps(kind: OfferKindName, phase: string): readonly Step<OfferKindNeeds>[] {
  const found = STEP_PHASES.find((candidate) => candidate === phase);
  return found === undefined ? [] : offerKind(kind)[found];
}

/** One step of a kind by name. A name that is not there is a workflow newer than this worker: thrown, retried, never skipped. */
export function offerStep(input: {
  readonly kind: OfferKindName;
  readonly phase: StepPhase;
  readonly step: string;
}): Step<OfferKindNeeds> {
  const step = offerKind(input.kind)[input.phase].find((candidate) => candidate.name === input.step);
  if (step === undefined) throw new Error(`${input.kind} has no ${input.phase} step named ${input.step}`);
  return step;
}
