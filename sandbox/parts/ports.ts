import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what Linux (32768) and macOS and Windows (49152) give to outgoing connections and to whoever asks for any port. */
const QUIET_PORTS = { from: 20_000, below: 32_000 } as const;
const TRIES = 50;
const given = new Set<number>();

/**
 * A loopback port nobody listens on at this moment. It is used only later, by another process: so it is one that the system gives to
 * nobody by itself, and is answered once in this process.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(QUIET_PORTS.from, QUIET_PORTS.below);
    if (given.has(port)) continue;
    given.add(port);
    if ((await tryPort(port)) !== undefined) return port;
  }
  throw new Error("The system has no free port.");
}

/** `wanted` if nobody listens on it, else the next higher one that is free; ports in `taken` count as used. */
export async function nextFreePort(wanted: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + 200, 65_536); port += 1) {
    if (!taken.has(port) && (await tryPort(port)) !== undefined) return port;
  }
  throw new Error(`No free port from ${wanted} to ${wanted + 199}.`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });
}
