import { DomainError } from "../../../../errors.ts";
import type { Chain } from "../../../../integrations/chains/chain.ts";
import type { PaymentReader, SignedTransfer } from "../../../../integrations/chains/payments.ts";
import type { MasterKey } from "../../../../platform/secrets.ts";
import type { StoredPayment } from "../payment-store.ts";
import { openPayload } from "../taking/payload-seal.ts";
import { blocksNeeded, type ProveNeeds, proveSettlement } from "./prove-settlement.ts";
import { signedTransferOf } from "./signed-transfer.ts";

/** What it takes to ask the chain about a payment in doubt. */
export type VerdictNeeds = ProveNeeds & { readonly masterKey: MasterKey };

/**
 * What the chain alone says of a payment in doubt. `open`: nothing yet, and it may still come. `undecided`: it should be known by now and is
 * not, which people have to look at. `silent`: the node does not answer, so nothing at all is known.
 */
export type ChainVerdict =
  | { readonly kind: "settled"; readonly transaction: string }
  | { readonly kind: "failed"; readonly code: string; readonly detail: string }
  | { readonly kind: "open"; readonly detail: string }
  | { readonly kind: "undecided"; readonly code: string; readonly detail: string }
  | { readonly kind: "silent"; readonly detail: string };

/** A PAY2 transaction that no node has seen for so long was never sent. It can be shown again, should it come after all. */
const UNSEEN_MILLISECONDS = 3_600_000;

/**
 * The signed transfer itself failed, is older, or its nonce is used up for another one: that is its end. Anything else moved money that
 * nobody here can place.
 */
const OVER: ReadonlySet<string> = new Set(["transaction_failed", "settlement_older", "authorization_used_otherwise"]);

/** `mustBeFinal`: that it can land no more is believed of final blocks only, since one that came and went has shown what others are worth. */
type Doubt = {
  readonly payment: StoredPayment;
  readonly quotedAt: Date;
  readonly now: Date;
  readonly mustBeFinal?: boolean;
};

/** Asks the chain what became of a payment. Never throws because of a node. */
export async function readVerdict(needs: VerdictNeeds, doubt: Doubt): Promise<ChainVerdict> {
  const { payment } = doubt;
  try {
    const chain = needs.accessChains.find(payment.network);
    const { payments } = chain;
    if (payments === undefined)
      return { kind: "undecided", code: "chain_unreadable", detail: "No payments are read there." };
    if (payment.payloadSealed === null) return await judgeShown(needs, doubt);
    const signed = signedOf(needs, { chain, payment, sealed: payment.payloadSealed });
    return await judgeSigned(needs, { ...doubt, chain, payments, signed });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { kind: "silent", detail: error.message };
  }
}

function signedOf(
  needs: VerdictNeeds,
  input: { readonly chain: Chain; readonly payment: StoredPayment; readonly sealed: string },
): SignedTransfer {
  const { network } = input.chain;
  const { payer, createdAt: since } = input.payment;
  const token = network.tokens.find(({ symbol, address }) => [symbol, address].includes(input.payment.token));
  if (token === undefined) throw new Error(`${network.id} lacks the token of a payment.`);
  return signedTransferOf(openPayload(needs, input.sealed), { kind: network.kind, token: token.address, payer, since });
}

/** First whether it can land, then where it is: in this order, so one that made it in its last block is seen. */
async function judgeSigned(
  needs: VerdictNeeds,
  input: Doubt & { readonly chain: Chain; readonly payments: PaymentReader; readonly signed: SignedTransfer },
): Promise<ChainVerdict> {
  const { chain, payments, signed, payment } = input;
  if (payment.transaction !== null) {
    const named = await judgeFound(needs, { ...input, transaction: payment.transaction });
    if (named.kind === "settled") return named;
  }
  const isFinality = input.mustBeFinal === true;
  const blocks = isFinality ? chain.network.finalityBlocks : blocksNeeded(chain.network, payment.gross);
  const canLand = await payments.canStillLand(signed, blocks);
  const fate = await payments.findTransfer(signed);
  if (fate.kind === "canceled")
    return { kind: "failed", code: "authorization_canceled", detail: "The payer took the authorization back." };
  if (fate.kind === "landed") return judgeFound(needs, { ...input, transaction: fate.transaction });
  if (canLand) return { kind: "open", detail: "It is not on the chain yet, and can still come." };
  if (fate.kind === "spent") {
    const detail = "The token says that the authorization is used, but no transaction of that time used it.";
    return { kind: "undecided", code: "authorization_spent", detail };
  }
  const detail = "It is not on the chain and can come onto it no more: its time is over by the chain's own clock.";
  return { kind: "failed", code: "payment_expired", detail };
}

async function judgeFound(needs: VerdictNeeds, input: Doubt & { readonly transaction: string }): Promise<ChainVerdict> {
  const { payment, transaction, quotedAt } = input;
  const proof = await proveSettlement(needs, {
    payment,
    transaction,
    quotedAt,
  });
  if (proof.kind === "proven") return { kind: "settled", transaction };
  if (proof.kind === "not_seen") return { kind: "open", detail: `${transaction} is there, but ${proof.detail}.` };
  const { code, detail } = proof;
  return { kind: OVER.has(code) ? "failed" : "undecided", code, detail };
}

/** A PAY2 payment: its transaction was named by the payer, so there is nothing to search. */
async function judgeShown(needs: VerdictNeeds, { payment, quotedAt, now }: Doubt): Promise<ChainVerdict> {
  const { transaction } = payment;
  if (transaction === null)
    return { kind: "undecided", code: "payment_unreadable", detail: "It names no transaction." };
  const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
  if (proof.kind === "proven") return { kind: "settled", transaction };
  if (proof.kind === "refuted") return { kind: "failed", code: proof.code, detail: proof.detail };
  const isLong = now.getTime() - payment.createdAt.getTime() > UNSEEN_MILLISECONDS;
  const isAbsent = isLong && (await isUnknown(needs, { network: payment.network, transaction }));
  if (!isAbsent) return { kind: "open", detail: proof.detail };
  return { kind: "failed", code: "transaction_not_found", detail: "No node has seen that transaction for an hour." };
}

/** Throws what the node throws when it does not answer: silence is no word. */
async function isUnknown(
  needs: ProveNeeds,
  question: { readonly network: string; readonly transaction: string },
): Promise<boolean> {
  const chain = needs.accessChains.find(question.network);
  return !(await chain.isTransactionKnown(question.transaction));
}
