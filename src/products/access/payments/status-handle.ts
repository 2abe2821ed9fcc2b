import { secretsEqual } from "../../../platform/secret-hash.ts";
import { deriveKey, type MasterKey } from "../../../platform/secrets.ts";

const HANDLE = /^(apy_[0-9a-z]+)(?:\.([A-Za-z0-9_-]{43}))?$/;

/**
 * What a payer asks for its payment by: the payment's id, and what only the master key's holder can compute for it. The id alone is in
 * logs and a merchant's records; with the second part it is a capability that gives the session's token.
 */
export function statusHandleOf(needs: { readonly masterKey: MasterKey }, paymentId: string): string {
  return `${paymentId}.${deriveKey(needs.masterKey, "access-payment-status", paymentId).toString("base64url")}`;
}

/** The payment a handle names and whether it is its payer's; null where it names none. */
export function readStatusHandle(
  needs: { readonly masterKey: MasterKey },
  handle: string,
): { readonly paymentId: string; readonly isPayer: boolean } | null {
  const [, paymentId, proof] = HANDLE.exec(handle) ?? [];
  if (paymentId === undefined) return null;
  if (proof === undefined) return { paymentId, isPayer: false };
  return secretsEqual(handle, statusHandleOf(needs, paymentId)) ? { paymentId, isPayer: true } : null;
}
