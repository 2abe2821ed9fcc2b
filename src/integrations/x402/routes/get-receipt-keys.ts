import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { ReceiptKey } from "../receipts.ts";

const Key = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  kid: z.string(),
  alg: z.literal("EdDSA"),
  use: z.literal("sig"),
});
const Keys = z.object({ keys: z.array(Key) }).meta({ id: "ReceiptKeys" });

/** GET /.well-known/receipt-keys.json. The public keys of our receipts as a JSON Web Key Set (RFC 7517). */
export const getReceiptKeysRoute = (needs: { readonly receiptKey: ReceiptKey }) =>
  defineRoute({
    operationId: "getReceiptKeys",
    summary: "The public keys that receipts are checked with",
    description: "A receipt is a compact JWS (EdDSA) over its claims; `kid` names the key here.",
    tags: ["access"],
    method: "get",
    path: "/.well-known/receipt-keys.json",
    auth: ["none"],
    reply: { status: 200, schema: Keys },
    handler: () => ({
      status: 200 as const,
      body: Keys.parse(needs.receiptKey.jwks),
      headers: { "cache-control": "public, max-age=3600" },
    }),
  });
