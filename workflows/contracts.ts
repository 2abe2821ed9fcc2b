/** The one argument of every workflow here: the business id, which is also the tail of the workflow id. */
export type EntityInput = { readonly id: string; readonly carried?: CarriedState };

/** What survives continue-as-new: plain JSON, small and bounded. `seen` is the last wake, `answered` the repairs done by request id. */
export type CarriedState = {
  readonly seen: number;
  readonly timeline: readonly TimelineEntry[];
  readonly answered?: readonly string[];
  readonly view?: { readonly status: string; readonly details: string; readonly deadline: string | null };
  readonly stuck?: StuckReport | null;
  /** Whether what is stuck is written down in Postgres too. */
  readonly noted?: boolean;
  /** Usage reports not yet handed on, and what became of the latest. */
  readonly usage?: { readonly waiting: readonly UsageSignal[]; readonly results: readonly UsageResult[] };
};

/** A usage report as it was signalled: anything at all, to be checked where it is charged. Too large ones only say how large. */
export type UsageSignal = unknown;

/** What became of one signalled usage report. `amount` is in dollars; `code` is the permanent code HTTP would have answered. */
export type UsageResult = {
  readonly eventId: string | null;
  readonly outcome: "charged" | "refused";
  readonly amount: string | null;
  readonly entryId: string | null;
  readonly code: string | null;
};

/** One line of what a workflow did, for operators. `at` is ISO 8601 in UTC. */
export type TimelineEntry = { readonly at: string; readonly text: string };

/** Why a workflow stands still although it wants to go on, and what an operator can do about it. */
export type StuckReport = {
  readonly step: string;
  readonly code: string;
  readonly reason: string;
  readonly nextAction: string;
  readonly since: string;
};

/** What `getState` answers. */
export type EntityState = { readonly status: string; readonly details: string; readonly stuck: StuckReport | null };

/**
 * Who repairs and why; written down for ever. `requestId` makes a repeated call harmless. Beside it whatever the repair itself needs,
 * such as `until`; the domain checks it.
 */
export type RepairRequest = {
  readonly actor: string;
  readonly note: string;
  readonly requestId: string;
  readonly [member: string]: unknown;
};

/** What a repair answers: the first time, and to the same request id ever after. `actedAt` is ISO 8601 in UTC. */
export type RepairAnswer = {
  readonly requestId: string;
  readonly subject: string;
  readonly action: string;
  readonly outcome: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actedAt: string;
};

/** A repair by its name: of the Update, of the admin route's `action`, and on the command line. */
export type RepairName =
  | "retryStep"
  | "skipStep"
  | "reassignDeposit"
  | "extendGrace"
  | "terminateNow"
  | "refund"
  | "resumeSweep"
  | "confirmRefund"
  | "refuseRefund"
  | "extendSession"
  | "revokeSession"
  | "lookAgain"
  | "recordSettled"
  | "recordFailed"
  | "cancelPayout";

/** A step as its offer kind names it: `long` steps run on the bulk queue with heartbeats. */
export type StepPlan = { readonly name: string; readonly summary: string; readonly long: boolean };

/** The phases of a purchase: steps, if its kind has any for it, and one closing act. */
export type PurchasePhase = "provision" | "suspend" | "resume" | "terminate" | "refund";

/** What the purchase should do next, decided by `advancePurchase` from the database and nothing else. */
export type PurchaseView = {
  readonly status: string;
  readonly next: PurchasePhase | "wait" | "done";
  readonly steps: readonly StepPlan[];
  /** The end of grace, for people and searches. */
  readonly deadline: string | null;
  /** When to look again unwoken, where that is before the deadline: a reminder, a refund under way. */
  readonly lookAgainAt?: string | null;
  readonly details: string;
};

/** What the checkout should do next, decided by `reviewCheckout`. */
export type CheckoutView = {
  readonly status: string;
  readonly next: "wait" | "done";
  readonly deadline: string | null;
  readonly details: string;
};

/** What a session does next, decided by `reviewSession`. `lookAgainAt` is a reminder, the end, or the next look while it is paid. */
export type AccessSessionView = {
  readonly status: string;
  readonly next: "wait" | "done";
  readonly deadline: string | null;
  readonly lookAgainAt: string | null;
  readonly details: string;
};

/** Where a payment in doubt stands, as `reconcilePayment` found. `deadline` is until when what was signed can land. */
export type AccessPaymentView = {
  readonly status: string;
  readonly next: "wait" | "done";
  readonly deadline: string | null;
  readonly lookAgainAt: string | null;
  readonly details: string;
};

/** What a rotation does next, decided by `rotateCredentials` from the database and nothing else. */
export type RotationView = {
  readonly status: string;
  readonly next: "again" | "wait" | "done";
  readonly deadline: string | null;
  readonly details: string;
};

/** A sweep that is decided: `transactionId` is what to broadcast, null when its tokens have moved already. */
export type SweepPlan = {
  readonly sweepId: string;
  readonly transactionId: string | null;
  readonly details: string;
  /** There is nothing to sweep any more. */
  readonly isOver?: boolean;
  /** Not yet: look again after so many seconds, or at a wake. */
  readonly waitSeconds?: number;
};

/** What a refund does next: `transactionId` is what to broadcast, null when there is nothing left to send. */
export type RefundPlan = { readonly isOver: boolean; readonly transactionId: string | null; readonly details: string };

/** Names of signals and queries, shared by workflows and callers; Updates are named as {@link RepairName}. */
export const messages = {
  wake: "wake",
  getState: "getState",
  getTimeline: "getTimeline",
  recordUsage: "recordUsage",
  getUsageResult: "getUsageResult",
} as const;

/** Search attributes operators filter by; registered by the worker before it polls. Values are never secret. */
export const searchAttributes = {
  PurchaseStatus: "KEYWORD",
  AccountId: "KEYWORD",
  Chain: "KEYWORD",
  StuckReason: "KEYWORD",
  NeedsReview: "BOOL",
  ExpiresAt: "DATETIME",
} as const;

/** What a workflow id starts with, the workflow it means, and whether a closed one may be started again by a late wake. */
export const subjects = {
  checkout: { workflow: "checkout", restartable: true, summary: "Checkout: waits for the customer's deposit" },
  purchase: {
    workflow: "purchase",
    restartable: true,
    summary: "Purchase: provisioned, watched and ended by its balance",
  },
  sweep: { workflow: "sweepDeposit", restartable: false, summary: "Sweep: moves a deposit to the vendor's wallet" },
  refund: { workflow: "refundDeposit", restartable: false, summary: "Refund: a deposit goes back to its sender" },
  "rotate-credentials": {
    workflow: "rotateCredentials",
    restartable: true,
    summary: "Rotation: new bucket credentials, and the end of the former ones",
  },
  "access-session": {
    workflow: "accessSession",
    restartable: false,
    summary: "Session: paid time on an asset, followed to its end",
  },
  "access-payment": {
    workflow: "accessPayment",
    restartable: true,
    summary: "Payment in doubt: looked up on the chain until it is proven either way",
  },
  payout: { workflow: "payOut", restartable: false, summary: "Payout: a custodial merchant is sent what it is owed" },
  notice: { workflow: "deliverNotice", restartable: true, summary: "Notice: one signed webhook, retried for days" },
  "merchant-notice": {
    workflow: "deliverMerchantNotice",
    restartable: true,
    summary: "Merchant: one signed webhook about a payment or session",
  },
  officex: {
    workflow: "deliverOfficex",
    restartable: true,
    summary: "OfficeX: the buyer's record, brought up to date",
  },
  email: { workflow: "deliverEmail", restartable: true, summary: "Mail: one message to the customer" },
  alert: { workflow: "deliverAlert", restartable: false, summary: "Alert: one signed webhook to operators" },
  "watch-chain": { workflow: "watchChain", restartable: true, summary: "Chain watcher: sees and confirms deposits" },
} as const;
