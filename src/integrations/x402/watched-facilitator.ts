import type { Clock } from "../../platform/clock.ts";
import type { Facilitator, SettleOutcome, SupportedKind, VerifyOutcome } from "./facilitator.ts";

/** So many calls in a row without a usable answer, and others are preferred for this long before it is tried again. */
const FAILURES = 3;
const REST_MS = 30_000;

/** A facilitator whose calls are watched: the same calls, and whether it is resting after failures. */
export type WatchedFacilitator = {
  readonly facilitator: Facilitator;
  readonly isFailing: () => boolean;
};

type State = { failures: number; restUntil: number };

/**
 * Counts what a facilitator's calls come to. A refusal of a payment is a usable answer; silence, nonsense and 5xx are not. Its calls are
 * never held back, because a payment that is bound to it has no other: a failing one is only chosen last.
 */
export function watchFacilitator({ clock }: { readonly clock: Clock }, facilitator: Facilitator): WatchedFacilitator {
  const state: State = { failures: 0, restUntil: 0 };
  const note = (answered: boolean) => {
    state.failures = answered ? 0 : state.failures + 1;
    if (answered) state.restUntil = 0;
    else if (state.failures >= FAILURES) state.restUntil = clock.now() + REST_MS;
  };
  const supported = async (): Promise<readonly SupportedKind[]> => {
    try {
      const kinds = await facilitator.supported();
      note(true);
      return kinds;
    } catch (error) {
      note(false);
      throw error;
    }
  };
  const verify: Facilitator["verify"] = async (call): Promise<VerifyOutcome> => {
    const outcome = await facilitator.verify(call);
    note(outcome.kind !== "unavailable");
    return outcome;
  };
  const settle: Facilitator["settle"] = async (call): Promise<SettleOutcome> => {
    const outcome = await facilitator.settle(call);
    // An unknown outcome that names its transaction is an answer: the chain is slow, not the facilitator.
    note(
      outcome.kind === "settled" ||
        outcome.kind === "failed" ||
        ("transaction" in outcome && outcome.transaction !== null),
    );
    return outcome;
  };
  return {
    facilitator: { name: facilitator.name, url: facilitator.url, supported, verify, settle },
    isFailing: () => state.restUntil > clock.now(),
  };
}
