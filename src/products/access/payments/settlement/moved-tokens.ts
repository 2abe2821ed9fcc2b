import {
  type LandedTransaction,
  netMovements,
  type TokenMovement,
  type UsedAuthorization,
} from "../../../../integrations/chains/payments.ts";

/**
 * What a transaction moved for one payment. `authorization` is the key of the authorization that moved it (EVM): a payment of that key and
 * one that is known by its transaction never count the same tokens.
 */
export type MovedTokens =
  | {
      readonly kind: "moved";
      readonly payer: string;
      readonly paidUnits: bigint;
      readonly authorization: string | null;
    }
  | { readonly kind: "refuted"; readonly code: string; readonly detail: string };

type Payee = { readonly token: string; readonly payTo: string };

/** How an authorization is known, as a signed payment's `payloadKey` spells it. */
function authorizationKey({ authorizer, nonce }: Pick<UsedAuthorization, "authorizer" | "nonce">): string {
  return `${authorizer}:${nonce}`.toLowerCase();
}

/**
 * What a signed payment moved. EVM: the transfer of its own authorization, whatever else the transaction did; other payments in it have
 * theirs. Solana: all that the message did, which its payer signed whole. Pure.
 */
export function movedBySigned(
  landed: LandedTransaction,
  payment: Payee & { readonly payer: string; readonly payloadKey: string },
): MovedTokens {
  const { token, payTo, payer, payloadKey } = payment;
  if (landed.messageHash !== null) {
    if (landed.messageHash !== payloadKey) return foreign();
    if (!landed.succeeded) return failed();
    const whole = movedByMessage(landed, payment);
    return whole.kind === "moved" ? { ...whole, payer } : whole;
  }
  // A transaction that failed has no events; that it was this one, its search says.
  if (!landed.succeeded) return failed();
  const key = payloadKey.toLowerCase();
  const used = landed.authorizations.find((each) => each.token === token && authorizationKey(each) === key);
  if (used === undefined) return foreign();
  if (used.transfer === null)
    return refuted("settlement_unclear", "The token does not say what the authorization moved.");
  if (used.transfer.to !== payTo || used.authorizer === payTo)
    return refuted("authorization_used_otherwise", "The authorization's nonce was used for another transfer.");
  return { kind: "moved", payer, paidUnits: used.transfer.amountUnits, authorization: key };
}

/**
 * What a PAY2 transfer moved, which its payer signed nothing of for us. On EVM anybody can put others' signed payments into a transaction
 * of its own. What authorizations moved is theirs, so it is left out; the rest is the payer's as far as others cannot have given it. A
 * transaction in which a single authorization paid the wallet, and nothing else did, is that authorization's payment. Pure.
 */
export function movedByTransfer(landed: LandedTransaction, payee: Payee): MovedTokens {
  if (!landed.succeeded) return failed();
  if (landed.messageHash !== null) return movedByMessage(landed, payee);
  const { token, payTo } = payee;
  const used = landed.authorizations.filter((each) => each.token === token);
  if (used.some(({ transfer }) => transfer === null))
    return refuted("transfer_unclear", "The token does not say what the signed payments in the transaction moved.");
  const own = withoutAuthorized(landed, used);
  const credit = own.credits.find(isOf({ token, owner: payTo }));
  if (credit === undefined) return movedByAuthorization(used, payee);
  const [largest, ...others] = largestFirst(own.debits, token);
  if (largest === undefined) return withoutPayer();
  const paidUnits = others.reduce((left, { amountUnits }) => left - amountUnits, credit.amountUnits);
  if (paidUnits <= 0n)
    return refuted("transfer_by_others", "Others gave as much in the transaction as came to the wallet.");
  return { kind: "moved", payer: largest.owner, paidUnits, authorization: null };
}

function movedByAuthorization(used: readonly UsedAuthorization[], { payTo }: Payee): MovedTokens {
  const [only, ...more] = used.filter(({ transfer, authorizer }) => transfer?.to === payTo && authorizer !== payTo);
  if (only === undefined || only.transfer === null) return elsewhere();
  if (more.length > 0)
    return refuted("transfer_by_others", "The transaction is several signed payments; show each as the one it is.");
  const { authorizer: payer, transfer } = only;
  return { kind: "moved", payer, paidUnits: transfer.amountUnits, authorization: authorizationKey(only) };
}

/** Solana: a message is signed whole by everybody who gives. */
function movedByMessage({ credits, debits }: LandedTransaction, { token, payTo }: Payee): MovedTokens {
  const credit = credits.find(isOf({ token, owner: payTo }));
  if (credit === undefined) return elsewhere();
  const [largest] = largestFirst(debits, token);
  if (largest === undefined) return withoutPayer();
  return { kind: "moved", payer: largest.owner, paidUnits: credit.amountUnits, authorization: null };
}

function withoutAuthorized({ credits, debits }: LandedTransaction, used: readonly UsedAuthorization[]) {
  const minus = (movement: TokenMovement) => ({ ...movement, amountUnits: -movement.amountUnits });
  const authorized = used.flatMap(({ token, authorizer, transfer }) => {
    if (transfer === null) return [];
    const { to, amountUnits } = transfer;
    return [
      { token, owner: authorizer, amountUnits },
      { token, owner: to, amountUnits: -amountUnits },
    ];
  });
  return netMovements([...credits, ...debits.map(minus), ...authorized]);
}

function largestFirst(debits: readonly TokenMovement[], token: string): readonly TokenMovement[] {
  return debits
    .filter((each) => each.token === token)
    .sort((one, other) => (one.amountUnits > other.amountUnits ? -1 : 1));
}

function isOf(wanted: { readonly token: string; readonly owner: string }) {
  return ({ token, owner }: TokenMovement) => token === wanted.token && owner === wanted.owner;
}

function refuted(code: string, detail: string): MovedTokens {
  return { kind: "refuted", code, detail };
}

function foreign(): MovedTokens {
  return refuted("settlement_foreign", "The transaction is not the payment that was signed.");
}

function failed(): MovedTokens {
  return refuted("transaction_failed", "The transaction is on the chain and failed.");
}

function elsewhere(): MovedTokens {
  return refuted("settlement_elsewhere", "The transaction did not pay the wallet that was to be paid.");
}

function withoutPayer(): MovedTokens {
  return refuted("settlement_without_payer", "Nobody's balance went down by it.");
}
