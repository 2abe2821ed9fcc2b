import { BlockList, isIP } from "node:net";

/** IPv4 networks that are not the public internet. Source: IANA special-purpose address registry, RFC 6890 and updates. */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** The only IPv6 space handed out for the public internet; loopback, local and IPv4-mapped addresses lie outside of it. */
const GLOBAL_IPV6: readonly [string, number] = ["2000::", 3];

/** Parts of that space which are not public, or which wrap an IPv4 address (Teredo, 6to4). */
const SPECIAL_IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const specialIpv4 = blockList("ipv4", SPECIAL_IPV4);
const globalIpv6 = blockList("ipv6", [GLOBAL_IPV6]);
const specialIpv6 = blockList("ipv6", SPECIAL_IPV6);

/** True for an IP address on the public internet. Anything it cannot read, such as an address with a zone, is not public. */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  const version = isIP(address);
  if (version === 4) return !specialIpv4.check(address, "ipv4");
  return version === 6 && globalIpv6.check(address, "ipv6") && !specialIpv6.check(address, "ipv6");
}

function blockList(family: "ipv4" | "ipv6", networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}
