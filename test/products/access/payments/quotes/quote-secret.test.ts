import { describe, expect, it } from "vitest";
import { newId } from "../../../../../src/platform/ids.ts";
import {
  hideSecret,
  openOptions,
  quoteSecretOf,
  readQuoteIdOf,
} from "../../../../../src/products/access/payments/quotes/quote-secret.ts";
import { optionFor, SOLANA } from "../../../../integrations/x402/offers.ts";

const needs = { masterKey: Buffer.alloc(32, 7) };

describe("the secret of a quote", () => {
  it("names its quote, and nobody without the master key can make one", () => {
    const id = newId("qte");
    const secret = quoteSecretOf(needs, id);
    expect(readQuoteIdOf(needs, secret)).toBe(id);
    expect(readQuoteIdOf({ masterKey: Buffer.alloc(32, 8) }, secret)).toBeNull();
    expect(readQuoteIdOf(needs, `${newId("qte")}.${secret.split(".")[1]}`)).toBeNull();
    expect(readQuoteIdOf(needs, id)).toBeNull();
    expect(readQuoteIdOf(needs, "")).toBeNull();
  });

  it("is in no stored option, and back in its place word for word for whoever showed it", () => {
    const id = newId("qte");
    const option = optionFor(SOLANA);
    const { extra, ...requirements } = option.requirements;
    const secret = quoteSecretOf(needs, id);
    const offered = { ...option, requirements: { ...requirements, extra: { ...Object(extra), quote: secret } } };
    const stored = hideSecret(offered);
    expect(JSON.stringify(stored)).not.toContain(secret);
    const quote: Parameters<typeof openOptions>[1] = Object({ id, options: [stored] });
    expect(openOptions(needs, quote)).toEqual([offered]);
  });
});
