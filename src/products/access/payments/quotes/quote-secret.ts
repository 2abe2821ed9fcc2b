import type { QuoteOption } from "../../../../integrations/x402/payment.ts";
import { secretsEqual } from "../../../../platform/secret-hash.ts";
import { deriveKey, type MasterKey } from "../../../../platform/secrets.ts";
import type { StoredQuote } from "./quote-store.ts";

const SECRET = /^(qte_[0-9a-z]+)\.[A-Za-z0-9_-]{43}$/;

/**
 * The secret of a quote: its id, and what only the master key's holder can compute for it. It is never stored, so it can be shown again
 * to whoever knows it already, and no copy of the database gives it away.
 */
export function quoteSecretOf(needs: { readonly masterKey: MasterKey }, quoteId: string): string {
  return `${quoteId}.${deriveKey(needs.masterKey, "access-quote", quoteId).toString("base64url")}`;
}

/** The id of the quote a secret is for; null when it is wrong, whatever is wrong with it. */
export function readQuoteIdOf(needs: { readonly masterKey: MasterKey }, secret: string): string | null {
  const id = SECRET.exec(secret)?.[1];
  if (id === undefined) return null;
  return secretsEqual(secret, quoteSecretOf(needs, id)) ? id : null;
}

/** An option as it is stored: without the quote's secret, which its v2 terms carry. */
export function hideSecret(option: QuoteOption): QuoteOption {
  const { extra, ...requirements } = option.requirements;
  const shown = Object.entries(extra ?? {}).filter(([name]) => name !== "quote");
  return { ...option, requirements: { ...requirements, extra: Object.fromEntries(shown) } };
}

/** A stored quote's options word for word as they were offered. Only for whoever showed that they know the secret. */
export function openOptions(needs: { readonly masterKey: MasterKey }, quote: StoredQuote): readonly QuoteOption[] {
  const secret = quoteSecretOf(needs, quote.id);
  return quote.options.map((option) => {
    const { extra, ...requirements } = option.requirements;
    const members = Object.fromEntries(Object.entries(extra ?? {}));
    return { ...option, requirements: { ...requirements, extra: { ...members, quote: secret } } };
  });
}
