import type { StoredQuote } from "../quotes/quote-store.ts";
import type { Target } from "../taking/access-outcome.ts";
import { keyHashOf, type PresentedProof } from "../taking/presented-proof.ts";
import type { PaidTransfer } from "./read-transfer.ts";
import type { Claim } from "./settle-claim.ts";

/**
 * A claim's row: the price is what was sold, and what was sent beyond it is left to the payer. An authorization that moved it is its key, as
 * it would be of a signed payment, so that one is never counted as both.
 */
export function claimRow(input: {
  readonly found: PaidTransfer;
  readonly quote: StoredQuote;
  readonly proof: PresentedProof;
  readonly target: Target;
  readonly transaction: string;
}): Claim["submission"] {
  const { found, quote, proof, target, transaction } = input;
  const { receiver, payer, paidUnits, authorization } = found;
  const price = receiver.priceUnits;
  const isEnough = paidUnits >= price;
  return {
    ...{ quote, transaction, payer, retried: null, isPaid: true },
    dialect: "pay2",
    network: receiver.network,
    token: receiver.token,
    decimals: receiver.decimals,
    payTo: receiver.payTo,
    amountUnits: isEnough ? price : paidUnits,
    leftUnits: isEnough ? paidUnits - price : 0n,
    payloadKey: authorization ?? `pay2:${transaction}`,
    payloadSealed: null,
    validUntil: null,
    facilitator: null,
    keyHash: proof.key === null ? null : keyHashOf({ key: proof.key, assetId: target.assetId, payer }),
  };
}
