import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import {
  type CheckedAddress,
  checkedAddress,
  type PrivateHosts,
  type Resolve,
  readOutboundUrl,
  systemResolve,
} from "./checked-address.ts";
import { OutboundResponseTooLarge, OutboundUnreachable } from "./errors.ts";

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_MAX_BYTES = 64 * 1024;

/** Connections that are kept between calls: see {@link keepConnections}. */
export type KeptConnections = { readonly http: HttpAgent; readonly https: HttpsAgent };

/**
 * What may be called: see `PrivateHosts`. `resolve` is the system's unless a test brings its own names. Without `connections` each call
 * has one of its own.
 */
export type OutboundNeeds = {
  readonly allowPrivateHosts?: PrivateHosts;
  readonly resolve?: Resolve;
  readonly connections?: KeptConnections;
};

/**
 * Keeps connections for the next call, which saves it the handshakes. Only for hosts the operator named: a kept connection is used again by
 * name, and where it leads was checked when it was opened.
 */
export function keepConnections(): KeptConnections {
  return { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
}

/**
 * One call: the body is sent as it is; `timeoutMs` (15,000) covers it whole. `maxResponseBytes` (65,536) bounds the answer's
 * body; 0 takes only its status and headers and hangs up.
 */
export type OutboundRequest = {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
};

/** Any complete answer, 3xx and 5xx too. Header names are in lower case. */
export type OutboundResponse = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/**
 * Calls an address that somebody else gave us. The name is resolved once, every address of it is checked, and the connection
 * goes to the checked one, so a name that changes its answer gains nothing. Redirects are answers, never followed.
 * Failures: `outbound_address_refused`, `outbound_response_too_large`, `outbound_unreachable`; none names path, query or IP.
 */
export async function outboundFetch(needs: OutboundNeeds, input: OutboundRequest): Promise<OutboundResponse> {
  const privateHosts = needs.allowPrivateHosts ?? false;
  const url = readOutboundUrl(input.url, privateHosts);
  const signal = AbortSignal.timeout(input.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const lookup = checkedAddress({ resolve: needs.resolve ?? systemResolve, privateHosts }, url);
  const address = await withinTime(lookup, url, signal);
  return await exchange({ url, address, signal, connections: needs.connections }, input);
}

/** DNS takes no signal, so the wait for it is what ends. */
function withinTime<T>(work: Promise<T>, url: URL, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(tooSlow(url)), { once: true });
    work.then(resolve, reject);
  });
}

type Way = {
  readonly url: URL;
  readonly address: CheckedAddress;
  readonly signal: AbortSignal;
  readonly connections: KeptConnections | undefined;
};

function exchange({ url, address, signal, connections }: Way, input: OutboundRequest): Promise<OutboundResponse> {
  const isSecure = url.protocol === "https:";
  const send = isSecure ? httpsRequest : httpRequest;
  const body = input.body ?? "";
  const headers = {
    // Nothing is decompressed, so a small answer cannot become a large one.
    "accept-encoding": "identity",
    "user-agent": "tollkeeper",
    ...input.headers,
    ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(unreachable(url, signal, cause));
    const outgoing = send(url, {
      method: input.method,
      headers,
      signal,
      // Else a connection of its own: a pooled one would be reused by name, unchecked.
      agent: connections === undefined ? false : connections[isSecure ? "https" : "http"],
      // Only asked for names; an address in the URL was checked as it stands.
      lookup: (_host, options, callback) => {
        if (options.all === true) callback(null, [address]);
        else callback(null, address.address, address.family);
      },
    });
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => {
      readBody(incoming, url, input.maxResponseBytes ?? DEFAULT_MAX_BYTES).then(resolve, (error: unknown) => {
        outgoing.destroy();
        if (error instanceof OutboundResponseTooLarge) reject(error);
        else fail(error);
      });
    });
    outgoing.end(body);
  });
}

async function readBody(incoming: IncomingMessage, url: URL, maxBytes: number): Promise<OutboundResponse> {
  const status = incoming.statusCode ?? 0;
  if (maxBytes === 0) {
    incoming.destroy();
    return { status, headers: incoming.headers, body: "" };
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw new OutboundResponseTooLarge({ host: url.host, maxBytes });
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  return { status, headers: incoming.headers, body };
}

function unreachable(url: URL, signal: AbortSignal, cause: unknown): OutboundUnreachable {
  if (signal.aborted) return tooSlow(url);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer";
  return new OutboundUnreachable({ host: url.host, reason: code, cause });
}

function tooSlow(url: URL): OutboundUnreachable {
  return new OutboundUnreachable({ host: url.host, reason: "it took too long" });
}
