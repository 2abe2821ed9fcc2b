/** How long something may stay as it is before it counts as stuck, and what an operator can do about it. */
export type StuckLimit = { readonly seconds: number; readonly nextAction: string };

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The limit of every state that is expected to end. What is not here may last: an active purchase, one that is low, critical or
 * suspended, a checkout nobody paid. Counted from when the state began; of grace and wakes, from when it should have ended.
 */
export const STUCK_LIMITS = {
  purchase_provisioning: {
    seconds: 10 * MINUTE,
    nextAction: "Fix the cause and repair with retryStep; or refund.",
  },
  purchase_grace: {
    seconds: 5 * MINUTE,
    nextAction: "See that a worker runs; then retryStep, extendGrace or terminateNow.",
  },
  purchase_terminating: {
    seconds: DAY,
    nextAction: "Look what cannot be deleted (Object Lock, a denied call), then retryStep or skipStep.",
  },
  purchase_refunding: { seconds: HOUR, nextAction: "Look at the refund's transaction, then retryStep." },
  purchase_stuck: { seconds: HOUR, nextAction: "An operator put it aside: repair it or end it." },
  checkout_unmoved: {
    seconds: 10 * MINUTE,
    nextAction: "Its money is confirmed: see that a worker runs, then retryStep.",
  },
  checkout_paid: { seconds: DAY, nextAction: "Ask the buyer to finalize, or refund the deposit." },
  sweep: { seconds: HOUR, nextAction: "Refill the gas tank or look at its transaction, then resumeSweep." },
  refund: { seconds: HOUR, nextAction: "Look at what refund/<id> waits for and at its transaction, then retryStep." },
  deposit_observed: {
    seconds: 2 * HOUR,
    nextAction: "Look at it in an explorer; a balance that stays short is a token that did not deliver.",
  },
  notice: { seconds: 3 * DAY, nextAction: "See why the listener refuses it, then retryStep of notice/<event id>." },
  wake: { seconds: 5 * MINUTE, nextAction: "See that Temporal answers and a worker runs; it is sent again by itself." },
  chain_unread: { seconds: 10 * MINUTE, nextAction: "See that the chain's node answers and a worker runs." },
  access_payment: {
    seconds: 10 * MINUTE,
    nextAction: "See GET /admin/access/payments; once the chain proves it, repair recordSettled or recordFailed.",
  },
  access_not_final: {
    seconds: 2 * HOUR,
    nextAction: "Its block should be final: look at its transaction in an explorer, then repair lookAgain.",
  },
  access_session: {
    seconds: 5 * MINUTE,
    nextAction: "Its time is over and nobody ended it: see that a worker runs, then retryStep.",
  },
  payout: { seconds: HOUR, nextAction: "Look at its transaction and the settlement wallet's gas, then retryStep." },
  parked: { seconds: 15 * MINUTE, nextAction: "Fix the cause, then retryStep; it is also tried again by itself." },
} as const satisfies Readonly<Record<string, StuckLimit>>;

/** What can be stuck. */
export type StuckKind = keyof typeof STUCK_LIMITS;

/** Every kind, for lists and gauges. */
export const STUCK_KINDS = Object.keys(STUCK_LIMITS).filter((name) => isStuckKind(name));

/** Whether a word is a kind of stuck thing. */
export function isStuckKind(word: string): word is StuckKind {
  return Object.hasOwn(STUCK_LIMITS, word);
}
