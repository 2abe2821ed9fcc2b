import type { JsonValue } from "../../errors.ts";

/** A JSON object as it came over the wire or goes out on it. */
export type WireObject = { readonly [member: string]: JsonValue };

/** One thing a facilitator can do, as its `GET /supported` says. `network` is CAIP-2 in version 2 and a name in version 1. */
export type SupportedKind = {
  readonly x402Version: 1 | 2;
  readonly scheme: string;
  readonly network: string;
  /** On Solana `feePayer`, which the payer's transaction must name. */
  readonly extra: WireObject;
};

/** A signed payment and the terms it is checked against, both in the dialect of `x402Version`, exactly as they travelled. */
export type FacilitatorCall = {
  readonly x402Version: 1 | 2;
  readonly paymentPayload: WireObject;
  readonly paymentRequirements: WireObject;
};

/** What `/verify` said. `reason` is the facilitator's own word, `code` ours. `raw` is the whole answer, for the payment log. */
export type VerifyOutcome =
  | { readonly kind: "valid"; readonly payer: string | null; readonly raw: JsonValue }
  | {
      readonly kind: "invalid";
      readonly code: string;
      readonly reason: string;
      readonly detail: string;
      readonly raw: JsonValue;
    }
  /** Not asked successfully: nothing is known, and nothing was moved by asking. */
  | {
      readonly kind: "unavailable";
      readonly detail: string;
      readonly retryAfterSeconds: number;
      readonly raw: JsonValue;
    };

/**
 * What `/settle` said. `failed` is only what can move no tokens any more by this call; everything in doubt (time-outs, 5xx, HTML,
 * `settlement_pending`, `duplicate_settlement`) is `unknown`, to be looked up on the chain or asked again with the same payload.
 * `not_sent` is certain: the call never reached a facilitator that could act (connection refused, 429).
 */
export type SettleOutcome =
  | {
      readonly kind: "settled";
      readonly transaction: string;
      readonly payer: string | null;
      readonly raw: JsonValue;
    }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly reason: string;
      readonly detail: string;
      readonly raw: JsonValue;
    }
  | { readonly kind: "unknown"; readonly transaction: string | null; readonly detail: string; readonly raw: JsonValue }
  | { readonly kind: "not_sent"; readonly detail: string; readonly retryAfterSeconds: number; readonly raw: JsonValue };

/** A party that checks signed payments and puts them on chain: PayAI's, our own, or any other that speaks x402's HTTP interface. */
export type Facilitator = {
  /** Stored with quotes and payments, such as `payai`. */
  readonly name: string;
  /** Shown to clients as `x-facilitator`. */
  readonly url: string;
  /** Throws `facilitator_unusable`. */
  readonly supported: () => Promise<readonly SupportedKind[]>;
  readonly verify: (call: FacilitatorCall) => Promise<VerifyOutcome>;
  readonly settle: (call: FacilitatorCall) => Promise<SettleOutcome>;
};

/** A facilitator that can serve a network now, and what the quote must carry for it. */
export type FacilitatorChoice = {
  readonly facilitator: Facilitator;
  /** The `extra` of its kind for version 2, such as `feePayer`; pinned in the quote. */
  readonly extra: WireObject;
  readonly versions: readonly (1 | 2)[];
};

/** How a facilitator does: `failing` after several calls in a row that got no usable answer, until one does again. */
export type FacilitatorHealth = {
  readonly name: string;
  readonly isFailing: boolean;
  /** Whether it ever said what it supports, now or to an earlier process. */
  readonly isKnown: boolean;
};

/** The configured facilitators, in order of preference, with what each is known to support. */
export type Facilitators = {
  readonly all: readonly Facilitator[];
  /** `PAYAI_NETWORK`: the network the seed's own headers of a 402 speak of, by v1 name, CAIP-2 or our id; null lets the server choose. */
  readonly preferredNetwork: string | null;
  /**
   * The first that supports `exact` on the network (CAIP-2) and is not known to be failing, from kinds kept in memory and in Postgres; a
   * failing one where no other is; null when none ever said it does. Never waits for a facilitator.
   */
  readonly choose: (network: { readonly caip2: string; readonly v1Name: string | null }) => FacilitatorChoice | null;
  /** The one a quote or payment is bound to. Throws `facilitator_unusable` when it is configured no more. */
  readonly named: (name: string) => Facilitator;
  readonly health: () => readonly FacilitatorHealth[];
  /** Resolves, soon and always, when what was known from before is read, and where nothing was, a first answer had its chance. */
  readonly started: Promise<void>;
  readonly stop: () => Promise<void>;
};
