import { promises as dns, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { OutboundAddressRefused, OutboundUnreachable } from "./errors.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * Which private addresses may be called all the same: none (`false`), any (`true`, for a sandbox), or the listed
 * `host:port` pairs exactly as they stand in the URL, with the port always written.
 */
export type PrivateHosts = boolean | readonly string[];

/** All addresses of a name, as `dns.lookup` answers them. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Where to connect: the very address that was checked. */
export type CheckedAddress = LookupAddress;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Asks the system for every address of a name. */
export const systemResolve: Resolve = (host) => dns.lookup(host, { all: true, verbatim: true });

/**
 * Reads a URL we are to call. Odd spellings of IP addresses (decimal, octal, hexadecimal) come out as what they mean.
 * Failure: `outbound_address_refused` for what is no http(s) URL, carries credentials, or names a private address.
 */
export function readOutboundUrl(text: string, privateHosts: PrivateHosts): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new OutboundAddressRefused("it is not a URL");
  if (DEFAULT_PORTS[url.protocol] === undefined) throw new OutboundAddressRefused("only http and https are called");
  if (url.username !== "" || url.password !== "") throw new OutboundAddressRefused("it carries credentials");
  const host = bareHost(url);
  const local = isIP(host) === 0 ? isLocalName(host) : !isPublicAddress(host);
  if (local && !privateAllowed(url, privateHosts)) throw notPublic();
  return url;
}

/**
 * Resolves the URL's host and answers the address to connect to. One private address among several refuses them all: whoever
 * runs the name must not choose by chance. Failures: `outbound_address_refused`, `outbound_unreachable`.
 */
export async function checkedAddress(
  needs: { readonly resolve: Resolve; readonly privateHosts: PrivateHosts },
  url: URL,
): Promise<CheckedAddress> {
  const host = bareHost(url);
  const family = isIP(host);
  const addresses = family === 0 ? await resolveName(needs.resolve, host) : [{ address: host, family }];
  const [first] = addresses;
  if (first === undefined) throw new OutboundUnreachable({ host, reason: "its name has no address" });
  if (!privateAllowed(url, needs.privateHosts) && !addresses.every(({ address }) => isPublicAddress(address))) {
    throw notPublic();
  }
  return first;
}

async function resolveName(resolve: Resolve, host: string): Promise<readonly LookupAddress[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw new OutboundUnreachable({ host, reason: "its name cannot be resolved", cause });
  }
}

/** The host without the brackets of IPv6 and without the trailing dot of a full name. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function isLocalName(host: string): boolean {
  return host === "" || /(^|\.)(localhost|local|internal|localdomain)$/i.test(host);
}

function privateAllowed(url: URL, privateHosts: PrivateHosts): boolean {
  if (typeof privateHosts === "boolean") return privateHosts;
  return privateHosts.includes(`${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`);
}

/** Says no more: which private address a name has is nobody else's business. */
function notPublic(): OutboundAddressRefused {
  return new OutboundAddressRefused("it is not on the public internet");
}
