import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Verifier, Verifiers } from "../platform/http/authenticate.ts";
import { readBearer } from "../platform/http/authenticate.ts";
import { hashSecret } from "../platform/secret-hash.ts";
import type { ApiKeyKind, ApiKeyRecord } from "./api-key-store.ts";
import type { KeyCache } from "./key-cache.ts";
import type { AdminPrincipal, CustomerPrincipal, MerchantPrincipal, VendorPrincipal } from "./principal.ts";

const ADMIN: AdminPrincipal = { kind: "admin", subject: "admin" };
const CHALLENGE = 'Bearer realm="tollkeeper"';

/** What the verifiers need. An undefined admin token closes the admin routes with 503 `not_configured`. */
export type VerifierNeeds = { readonly keys: KeyCache; readonly adminToken: string | undefined };

/** Every scheme this server knows, ready to mount. */
export function createVerifiers(needs: VerifierNeeds): Required<Omit<Verifiers, "facilitatorToken">> {
  return {
    customerKey: keyVerifier(
      needs.keys,
      "customer",
      ({ subject, replacedBy }): CustomerPrincipal => ({
        ...{ kind: "customer", subject, purchaseId: subject },
        isReplaced: replacedBy !== null,
      }),
    ),
    vendorKey: keyVerifier(
      needs.keys,
      "vendor",
      ({ subject }): VendorPrincipal => ({ kind: "vendor", subject, purchaseId: subject }),
    ),
    merchantKey: keyVerifier(
      needs.keys,
      "merchant",
      ({ id, subject }): MerchantPrincipal => ({ kind: "merchant", subject, merchantId: subject, keyId: id }),
    ),
    adminToken: adminVerifier(needs.adminToken),
  };
}

/** A key arrives as `Authorization: Bearer` or `X-API-Key`; the first wins when both are there. */
function readKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = readBearer(headers);
  if (bearer !== undefined) return bearer;
  const header = headers["x-api-key"];
  return typeof header === "string" && header !== "" ? header : undefined;
}

function keyVerifier<Principal>(
  cache: KeyCache,
  kind: ApiKeyKind,
  toPrincipal: (record: ApiKeyRecord) => Principal,
): Verifier<Principal> {
  return {
    configured: true,
    challenge: CHALLENGE,
    documentation: {
      type: "http",
      scheme: "bearer",
      description: `the ${kind === "merchant" ? kind : `${kind} billing`} key, as a bearer token or in \`X-API-Key\`.`,
    },
    read: readKey,
    verify: (key) => {
      const found = cache.find(kind, key);
      if (found instanceof Promise)
        return found.then((record) => (record === undefined ? undefined : toPrincipal(record)));
      return found === undefined ? undefined : toPrincipal(found);
    },
  };
}

function adminVerifier(token: string | undefined): Verifier<AdminPrincipal> {
  const expected = token === undefined ? undefined : hashSecret(token);
  return {
    configured: expected !== undefined,
    challenge: CHALLENGE,
    documentation: {
      type: "http",
      scheme: "bearer",
      description: "the operator's `ADMIN_API_TOKEN`, as a bearer token.",
    },
    read: readKey,
    verify: (given) => (expected !== undefined && timingSafeEqual(hashSecret(given), expected) ? ADMIN : undefined),
  };
}
