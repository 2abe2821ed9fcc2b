/** One entry of OFFICEX_HOSTS: a host, or with `*.` before it every host under a name; `port` is empty for the scheme's own. */
export type AllowedHost = {
  readonly protocol: "http:" | "https:";
  readonly name: string;
  readonly isSuffix: boolean;
  readonly port: string;
};

const ENTRY = /^(?:(https?):\/\/)?(\*\.)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?$/i;
const LONGEST_HOST = 2_048;

/**
 * Reads an entry: `officex.app`, `*.officex.app`, `host:8443`, or `http://host:port` where plain HTTP is meant, as in a sandbox. Answers
 * undefined for anything else, such as a path or a bare `*`. Pure.
 */
export function parseAllowedHost(entry: string): AllowedHost | undefined {
  const match = ENTRY.exec(entry.trim());
  if (match === null) return undefined;
  const [, scheme = "https", star, name = "", port = ""] = match;
  if (star !== undefined && !name.includes(".")) return undefined;
  const protocol = scheme.toLowerCase() === "http" ? "http:" : "https:";
  return { protocol, name: name.toLowerCase(), isSuffix: star !== undefined, port };
}

/** Where an organisation's calls go: `base` without a trailing slash; `isPlain` where its entry says http. */
export type OfficexHost = { readonly base: string; readonly host: string; readonly isPlain: boolean };

/**
 * What a customer stated as their organisation's host, if it is on the list, and undefined otherwise: a host nobody listed is never
 * called, whatever it resolves to. `officex.app` alone means https. Credentials, query and fragment are refused. Pure.
 */
export function allowedHost(list: readonly AllowedHost[], stated: string): OfficexHost | undefined {
  if (stated.length > LONGEST_HOST) return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(stated) ? stated : `https://${stated}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  const name = url.hostname.replace(/\.$/, "");
  const isListed = list.some((entry) => entry.protocol === url.protocol && matches(entry, name, url.port));
  if (!isListed) return undefined;
  const base = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
  return { base, host: url.host, isPlain: url.protocol === "http:" };
}

function matches(entry: AllowedHost, name: string, port: string): boolean {
  const standard = entry.protocol === "http:" ? "80" : "443";
  if ((entry.port || standard) !== (port || standard)) return false;
  return entry.isSuffix ? name.endsWith(`.${entry.name}`) : name === entry.name;
}
