import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import CachePolicy from "http-cache-semantics";

/** A cache that everybody's requests go through, as operators put before their servers. */
export type SharedCache = {
  readonly url: string;
  /** What it answered by itself, without asking the server: "GET /path" each. */
  readonly answered: readonly string[];
  readonly stop: () => Promise<void>;
};

type Kept = { readonly policy: CachePolicy; readonly status: number; readonly body: Buffer };

/** As operators configure it: an answer that says nothing about caches is kept for a minute. */
const WHERE_NOTHING_IS_SAID = { "cache-control": "max-age=60" };

/**
 * A shared cache of RFC 9111, as greedy as one may be: it knows every status, keeps answers to POST under the path alone, and what says
 * nothing about caches for a minute. `upstream` is the server behind it.
 */
export async function startSharedCache(upstream: string): Promise<SharedCache> {
  const kept = new Map<string, Kept>();
  const answered: string[] = [];
  const server = createServer((request, response) => {
    pass({ request, response }, { upstream, kept, answered }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answered,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  cache: { readonly upstream: string; readonly kept: Map<string, Kept>; readonly answered: string[] },
): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const key = `${method} ${url}`;
  const asked = { method, url, headers };
  const hit = cache.kept.get(key);
  if (hit?.policy.satisfiesWithoutRevalidation(asked) === true) {
    cache.answered.push(key);
    return void response.writeHead(hit.status, hit.policy.responseHeaders()).end(hit.body);
  }
  const { host: _host, connection: _connection, "content-length": _length, ...sent } = headers;
  const answer = await fetch(`${cache.upstream}${url}`, {
    method,
    headers: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, String(value)])),
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  const said = { ...WHERE_NOTHING_IS_SAID, ...Object.fromEntries(answer.headers) };
  // Of a status that it does not know a cache keeps nothing; this one knows them all.
  const policy = new CachePolicy(asked, { status: 200, headers: said }, { shared: true });
  if (policy.storable()) cache.kept.set(key, { policy, status: answer.status, body });
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
}
