import type { PaymentPayload, PaymentRequirements, VerifyResponse } from "@x402/core/types";
import type { Database } from "../../../platform/database/pool.ts";
import type { WireObject } from "../facilitator.ts";
import type { X402Network } from "../networks.ts";

/** A payment and its terms in the form of protocol version 2, whatever version they came in. */
export type PaymentCall = { readonly payload: PaymentPayload; readonly requirements: PaymentRequirements };

/** One signed version of a settlement's transaction. */
export type SettlementVersion = { readonly transaction: string; readonly raw: string };

/** A transaction that is signed and not yet sent. `wallet` and `nonce` only where the chain counts them. */
export type SignedSettlement = SettlementVersion & {
  readonly wallet?: string;
  readonly nonce?: number;
};

/** Writes a signed transaction down, in the given database transaction. False when the claim was lost: then nothing may be sent. */
export type RecordSigned = (database: Database, signed: SignedSettlement) => Promise<boolean>;

/** A settlement that was sent and is not seen: its newest version, how many there are, and how long ago that one was signed. */
export type UnseenSettlement = SettlementVersion & {
  readonly wallet: string | null;
  readonly versions: number;
  readonly ageSeconds: number;
};

/** Writes a dearer version down. False when another process has done so meanwhile: then nothing may be sent. */
export type RecordVersion = (version: SettlementVersion) => Promise<boolean>;

/** A fee-paying wallet as its node shows it; `nativeUnits` in the native coin's base units. `blocked`: why nothing can be settled now. */
export type WalletReading = {
  readonly nativeUnits: bigint;
  readonly decimals: number;
  /** How many more settlements it pays for, at fees of now. */
  readonly settlementsLeft: number;
  readonly blocked: string | null;
};

/** What came of signing. `lost`: another process has the settlement now. */
export type Signing =
  | ({ readonly kind: "signed" } & SignedSettlement)
  | { readonly kind: "refused"; readonly reason: string; readonly message: string }
  | { readonly kind: "lost" };

/** Runs a function in one transaction of our database. */
export type Transact = <Result>(work: (transaction: Database) => Promise<Result>) => Promise<Result>;

/** What the chain says of a transaction of ours. `dropped`: it is not there and the node sees no way for it any more; believed late only. */
export type Landing = "landed" | "failed" | "not_seen" | "dropped";

/** What became of handing a transaction to the node. `nonce_taken` and `out_of_funds`: it is certain that the node did not take it. */
export type Sending = "sent" | "unclear" | "nonce_taken" | "out_of_funds";

/** One network our facilitator settles on. */
export type SettlementChain = {
  readonly network: X402Network;
  /** The `extra` of its kind, such as `feePayer`. */
  readonly extra: WireObject;
  readonly wallet: string;
  /** Asks the node which chain it is. Throws an error that says so when it is another one. */
  readonly requireChain: () => Promise<void>;
  /** Everything that can be checked without sending; also whether the fee can be paid. Moves nothing. */
  readonly verify: (call: PaymentCall) => Promise<VerifyResponse>;
  /** Signs what settles the payment and hands it to `record` before it answers; sends nothing. */
  readonly sign: (call: PaymentCall, record: RecordSigned) => Promise<Signing>;
  readonly send: (raw: string) => Promise<Sending>;
  readonly look: (call: SettlementVersion, terms: SettlementTerms) => Promise<Landing>;
  /**
   * Where nonces make one transaction wait for another: signs the same call with the same nonce and higher fees, if it stands first and
   * would not be mined as it is, and hands it to `record`. Answers the bytes to send now; undefined where there is nothing better. Sends nothing.
   */
  readonly signDearer?: (sent: UnseenSettlement, record: RecordVersion) => Promise<string | undefined>;
  readonly readWallet: () => Promise<WalletReading>;
};

/** What the transfer of a settlement must be, to know it again on chain. */
export type SettlementTerms = {
  readonly payer: string;
  readonly payTo: string;
  readonly asset: string;
  readonly amount: string;
};
