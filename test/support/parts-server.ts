import { createServer, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** A part the test processes may ask for by name: started at the first request, shared by all, stopped at the end of the run. */
export type SharedPart = { readonly reply: unknown; readonly stop: () => Promise<void> };

/** The shared parts' address and their common end. */
export type PartsServer = { readonly url: string; readonly close: () => Promise<void> };

// A build takes minutes, and fetch gives up on a silent server after five.
const ASK_AGAIN_MS = 20_000;

/**
 * Hands shared parts to the test processes: `POST /<name>` answers the part's addresses as JSON, starting it when nobody asked before, or 202 while that
 * still goes on: ask again.
 * A run that needs no PostgreSQL never starts one.
 */
export async function startPartsServer(
  starters: Readonly<Record<string, () => Promise<SharedPart>>>,
  options: { readonly askAgainMs: number } = { askAgainMs: ASK_AGAIN_MS },
): Promise<PartsServer> {
  const started = new Map<string, Promise<SharedPart>>();
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    const starter = starters[name];
    if (starter === undefined) {
      response.writeHead(404).end(`No shared part is called ${name}.`);
      return;
    }
    const part = started.get(name) ?? starter();
    started.set(name, part);
    const answer = part.then(
      ({ reply }) => ({ status: 200, body: JSON.stringify(reply) }),
      (error: unknown) => ({ status: 500, body: error instanceof Error ? error.message : String(error) }),
    );
    void Promise.race([answer, pause(options.askAgainMs, { status: 202, body: "" }, { ref: false })]).then(
      ({ status, body }) => {
        response.writeHead(status).end(body);
      },
    );
  });
  server.requestTimeout = 0;
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      for (const part of await Promise.allSettled(started.values())) {
        if (part.status === "fulfilled") await part.value.stop();
      }
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}
