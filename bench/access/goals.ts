import { median, percentile } from "../ledger/closed-loop.ts";
import { atLeast, atMost, type Goal, type Spread } from "../purchases/goals.ts";
import type { DirectPayment, OurPayment, PaidNetwork } from "./paid.ts";
import type { AccessBenchResult } from "./run.ts";
import type { UnpaidRound } from "./unpaid.ts";

/** The goals of access against one result. Pure. */
export function goalsOf({ paid, unpaid, sessions }: AccessBenchResult): readonly Goal[] {
  return [
    ...paid.map((network) => atMost(`ms we add to a paid request, ${network.network}, p50`, addedOf(network).p50, 5)),
    atLeast("402s a second / a first version's 402s", ratioOf(unpaid, "naive"), 1),
    atMost("ms that sessions end late, ends spread out, p99", sessions.spread.p99, 1_000),
    atMost("ms that sessions end late, all in one second, p99", sessions.together.p99, 1_000),
  ];
}

/** What one payment took without us, and with us. Pure. */
export function totalsOf({ pairs }: Pick<PaidNetwork, "pairs">): { readonly direct: Spread; readonly ours: Spread } {
  return {
    direct: spread(pairs.map(({ direct }) => totalDirect(direct))),
    ours: spread(pairs.map(({ ours }) => totalOurs(ours))),
  };
}

/**
 * What we add: of each pair the time of the payment through us less that of the one past us, made right after each other; then the middle
 * and the 99th of a hundred of these differences. What both wait for, signing included, cancels out, and so does the machine's mood.
 */
export function addedOf({ pairs }: Pick<PaidNetwork, "pairs">): Spread {
  return spread(pairs.map(({ direct, ours }) => totalOurs(ours) - totalDirect(direct)));
}

/** The middle of each part of the payments, in the order in which they happen. Pure. */
export function partsOf({ pairs }: Pick<PaidNetwork, "pairs">) {
  const direct = (of: (payment: DirectPayment) => number) => median(pairs.map((pair) => of(pair.direct)));
  const ours = (of: (payment: OurPayment) => number) => median(pairs.map((pair) => of(pair.ours)));
  return {
    direct: {
      sign: direct(({ sign }) => sign),
      verify: direct(({ verify }) => verify),
      settle: direct(({ settle }) => settle),
      read: direct(({ read }) => read),
    },
    ours: {
      offer: ours(({ offer }) => offer),
      sign: ours(({ sign }) => sign),
      check: ours(({ check }) => check),
      settle: ours(({ settle }) => settle),
      grant: ours(({ grant }) => grant),
    },
  };
}

/** Our offers a second to those of a yardstick: the middle of the rounds' ratios. Pure. */
export function ratioOf(rounds: readonly UnpaidRound[], yardstick: "empty" | "naive"): number {
  return median(rounds.map((round) => round.ours.perSecond / round[yardstick].perSecond));
}

function totalDirect({ sign, verify, settle, read }: DirectPayment): number {
  return sign + verify + settle + read;
}

function totalOurs({ offer, sign, check, settle, grant }: OurPayment): number {
  return offer + sign + check + settle + grant;
}

function spread(values: readonly number[]): Spread {
  return { p50: median(values), p99: percentile(values, 0.99) };
}
