import { readBearer, type Verifier } from "../platform/http/authenticate.ts";
import { secretsEqual } from "../platform/secret-hash.ts";

/** A server that may have payments settled by our own facilitator, by its one token. */
export type FacilitatorCaller = { readonly kind: "facilitator_caller"; readonly subject: "facilitator_caller" };

declare module "../platform/http/authenticate.ts" {
  interface AuthenticationSchemes {
    readonly facilitatorToken: FacilitatorCaller;
  }
}

const CALLER: FacilitatorCaller = { kind: "facilitator_caller", subject: "facilitator_caller" };

/** Knows callers of our own facilitator. Without a token its routes answer 503 `not_configured`. */
export function facilitatorVerifier(token: string | undefined): Verifier<FacilitatorCaller> {
  return {
    configured: token !== undefined,
    challenge: 'Bearer realm="facilitator"',
    documentation: { type: "http", scheme: "bearer", description: "the `FACILITATOR_TOKEN`, as a bearer token." },
    read: readBearer,
    verify: (given) => (token !== undefined && secretsEqual(given, token) ? CALLER : undefined),
  };
}
