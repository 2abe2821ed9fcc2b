import type { PresentedPayment } from "../../../../integrations/x402/payment.ts";
import { readQuoteSecret } from "../../../../integrations/x402/requirements.ts";
import type { SignIn, Wallet } from "../../../../integrations/x402/sign-in.ts";
import { hashSecret } from "../../../../platform/secret-hash.ts";
import type { MasterKey } from "../../../../platform/secrets.ts";
import type { StoredPayment } from "../payment-store.ts";
import { readQuoteIdOf } from "../quotes/quote-secret.ts";
import { resourceUrl } from "../quotes/quotes.ts";

/** A shorter key of the client's own choice keeps two payments apart, but might be guessed. */
const SHORTEST_SECRET_KEY = 16;

/**
 * What a request shows that is on no chain. A signed payment becomes public when it lands, so showing it again proves nothing; one of
 * these does.
 */
export type PresentedProof = {
  /** The quote whose secret was shown. */
  readonly quoteId: string | null;
  /** The client's own key, by an `Idempotency-Key` header or the payment-identifier extension. */
  readonly key: string | null;
  /** The wallet that signed in. */
  readonly wallet: Wallet | null;
};

/** Reads the proofs of a request. Throws 401 `sign_in_invalid` and `sign_in_expired`. */
export async function readPresentedProof(
  needs: { readonly masterKey: MasterKey; readonly signIn: SignIn; readonly publicUrl: string },
  input: {
    readonly assetId: string;
    readonly presented: PresentedPayment;
    readonly idempotencyKey: string | null;
    readonly signInHeader: string | null;
  },
): Promise<PresentedProof> {
  const { assetId, presented, idempotencyKey, signInHeader } = input;
  const secret = presented.dialect === "v2" ? readQuoteSecret(presented.accepted) : proofOf(presented);
  const identifier = presented.dialect === "v2" ? presented.paymentIdentifier : null;
  return {
    quoteId: secret === null ? null : readQuoteIdOf(needs, secret),
    key: identifier ?? idempotencyKey,
    wallet:
      signInHeader === null
        ? null
        : await needs.signIn.verify(signInHeader, { resourceUrl: resourceUrl(needs, { assetId }) }),
  };
}

function proofOf(presented: PresentedPayment): string | null {
  return presented.dialect === "pay2" ? presented.proof : null;
}

/** A client's key as it is kept: hashed, with whose it is and what for, so that keys of different payers never meet. */
export function keyHashOf(input: { readonly key: string; readonly assetId: string; readonly payer: string }): Buffer {
  const { key, assetId, payer } = input;
  return hashSecret(JSON.stringify([assetId, spellingOf(payer), key]));
}

/** Whether a request shows what only the payer of this payment knows or can do. */
export function provesPayment(proof: PresentedProof, payment: StoredPayment): boolean {
  if (proof.quoteId === payment.quoteId) return true;
  if (proof.wallet !== null && spellingOf(proof.wallet.address) === spellingOf(payment.payer)) return true;
  if (proof.key === null || proof.key.length < SHORTEST_SECRET_KEY || payment.keyHash === null) return false;
  return keyHashOf({ key: proof.key, assetId: payment.assetId, payer: payment.payer }).equals(payment.keyHash);
}

function spellingOf(address: string): string {
  return address.startsWith("0x") ? address.toLowerCase() : address;
}
