import type { IncomingHttpHeaders } from "node:http";
import { Forbidden, NotConfigured, Unauthorized } from "./errors.ts";

/** Nobody in particular: the principal of `auth: ["none"]`. */
export type Anonymous = { readonly kind: "anonymous" };

/**
 * Scheme name to the principal it yields. The platform knows only `none`; identity adds its own by declaration merging, which
 * types every handler's `principal` by the schemes its route accepts.
 */
export interface AuthenticationSchemes {
  readonly none: Anonymous;
}

/** Names a route may list in `auth`. */
export type SchemeName = keyof AuthenticationSchemes;

/** The least every principal says of itself: enough to scope idempotency keys and rate limits to it. */
export type AnyPrincipal = { readonly kind: string; readonly subject?: string };

/**
 * How one scheme recognises its caller. `read` picks the credential out of the headers or `undefined` when this scheme's form is
 * absent; `verify` answers `undefined` for an unknown, expired or revoked one and must not tell which. Synchronous when cached.
 */
export type Verifier<Principal> = {
  /** False when its secret is unset: its routes then answer 503 `not_configured`, never an open door. */
  readonly configured: boolean;
  /** `WWW-Authenticate` value sent with a 401. */
  readonly challenge: string;
  /** OpenAPI security scheme object. */
  readonly documentation: Readonly<Record<string, string>>;
  read(headers: IncomingHttpHeaders): string | undefined;
  verify(credential: string): Principal | undefined | Promise<Principal | undefined>;
};

/** The verifiers a process has; mounting a route that names a missing one throws. */
export type Verifiers = {
  readonly [Name in Exclude<SchemeName, "none">]?: Verifier<AuthenticationSchemes[Name]>;
};

/** Decides who calls. Returns at once when it can; rejects or throws 401 `unauthorized` or 503 `not_configured`. */
export type Authenticate = (headers: IncomingHttpHeaders) => AnyPrincipal | Promise<AnyPrincipal>;

/** The principal of public routes. */
const ANONYMOUS: Anonymous = { kind: "anonymous" };

/** Longest credential looked at, in characters; longer ones are unknown without being hashed. */
const MAXIMUM_CREDENTIAL_LENGTH = 8192;

/** How a route refuses who does not fit: what it says it needs, and the schemes that would know a caller of another kind. */
type Refusal = {
  readonly needed: readonly string[];
  readonly challenges: string;
  /** The credentials that are needed, in words. */
  readonly wanted: string;
  readonly others: readonly Verifier<AnyPrincipal>[];
};

/**
 * Compiles a route's `auth` list once, at mount. Any listed scheme suffices, tried in the order given. A credential that only another
 * scheme knows is 403 `forbidden`: its holder is told that it is the wrong kind, and nobody else learns anything.
 */
export function compileAuthentication(schemes: readonly SchemeName[], verifiers: Verifiers): Authenticate {
  const isPublic = schemes.includes("none");
  const names = schemes.filter((name) => name !== "none");
  const chosen = names.map((name) => requireVerifier(name, verifiers));
  if (chosen.length === 0) {
    if (!isPublic) throw new Error('A route names no authentication scheme; a public one says auth: ["none"].');
    return () => ANONYMOUS;
  }
  const usable = chosen.filter((verifier) => verifier.configured);
  if (usable.length === 0) {
    return () => {
      throw new NotConfigured();
    };
  }
  const all: readonly Verifier<AnyPrincipal>[] = Object.values(verifiers);
  const refusal: Refusal = {
    needed: names,
    challenges: [...new Set(chosen.map((verifier) => verifier.challenge))].join(", "),
    wanted: chosen.map(({ documentation }) => documentation.description ?? "").join(" Or "),
    others: all.filter((verifier) => verifier.configured && !chosen.includes(verifier)),
  };
  const [only] = usable;
  if (usable.length === 1 && only !== undefined && !isPublic) return (headers) => verifyOne(only, headers, refusal);
  return (headers) => verifyAny(usable, headers, { refusal, isPublic });
}

function requireVerifier(name: Exclude<SchemeName, "none">, verifiers: Verifiers): Verifier<AnyPrincipal> {
  const verifier = verifiers[name];
  if (verifier === undefined) throw new Error(`No verifier is given for the authentication scheme "${name}".`);
  return verifier;
}

function verifyOne(verifier: Verifier<AnyPrincipal>, headers: IncomingHttpHeaders, refusal: Refusal) {
  const credential = verifier.read(headers);
  if (credential === undefined) throw new Unauthorized({ wanted: refusal.wanted }, refusal.challenges);
  if (credential.length > MAXIMUM_CREDENTIAL_LENGTH) throw new Unauthorized("unknown", refusal.challenges);
  const verified = verifier.verify(credential);
  if (verified instanceof Promise) return verified.then((principal) => principal ?? refuse(headers, refusal));
  return verified ?? refuse(headers, refusal);
}

async function verifyAny(
  verifiers: readonly Verifier<AnyPrincipal>[],
  headers: IncomingHttpHeaders,
  rule: { readonly refusal: Refusal; readonly isPublic: boolean },
): Promise<AnyPrincipal> {
  const { principal, sawCredential } = await findPrincipal(verifiers, headers);
  if (principal !== undefined) return principal;
  if (!sawCredential && rule.isPublic) return ANONYMOUS;
  if (!sawCredential) throw new Unauthorized({ wanted: rule.refusal.wanted }, rule.refusal.challenges);
  return refuse(headers, rule.refusal);
}

/** Nobody this route takes: says whether the credential is of another kind, or none we know. */
async function refuse(headers: IncomingHttpHeaders, { needed, challenges, others }: Refusal): Promise<never> {
  const { principal } = await findPrincipal(others, headers);
  if (principal === undefined) throw new Unauthorized("unknown", challenges);
  throw new Forbidden({ needed, given: principal.kind });
}

async function findPrincipal(verifiers: readonly Verifier<AnyPrincipal>[], headers: IncomingHttpHeaders) {
  let sawCredential = false;
  for (const verifier of verifiers) {
    const credential = verifier.read(headers);
    if (credential === undefined) continue;
    sawCredential = true;
    const principal = credential.length > MAXIMUM_CREDENTIAL_LENGTH ? undefined : await verifier.verify(credential);
    if (principal !== undefined) return { principal, sawCredential };
  }
  return { principal: undefined, sawCredential };
}

/** The token of `Authorization: Bearer <token>` (RFC 6750), or `undefined`. The scheme's case does not matter. */
export function readBearer(headers: IncomingHttpHeaders): string | undefined {
  const header = headers.authorization;
  if (header === undefined || header.length < 8 || header.slice(0, 7).toLowerCase() !== "bearer ") return undefined;
  return header.slice(7).trim() || undefined;
}
