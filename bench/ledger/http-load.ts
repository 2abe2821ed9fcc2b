import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { vendorKey } from "./world.ts";

/** A server process under test, with 64 connections kept open to it. */
export type HttpTarget = {
  /** Sends one metering report of the given purchase on a caller's own connection; rejects on anything but 200. */
  readonly report: (caller: number, purchase: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const CONNECTIONS = 64;

/** Starts the metering route over a ledger that is `empty`, `naive` or `ours`, and connects. */
export async function startHttpTarget(databaseUrl: string, mode: "empty" | "naive" | "ours"): Promise<HttpTarget> {
  const program = fileURLToPath(new URL("http-server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, databaseUrl, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await announcedPort(child);
  const callers = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(port)));
  const run = `${mode}-${Date.now()}`;
  let sent = 0;
  return {
    report: (caller, purchase) => {
      sent += 1;
      const send = callers[caller % CONNECTIONS];
      if (send === undefined) throw new RangeError("no connection");
      return send(requestOf(purchase, `${run}-${sent}`));
    },
    stop: async () => {
      const gone = once(child, "close");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function announcedPort(child: ChildProcess): Promise<number> {
  const exited = once(child, "exit").then(() => {
    throw new Error("The HTTP server of the bench did not start.");
  });
  const [line] = await Promise.race([once(child.stdout ?? child, "data"), exited]);
  exited.catch(() => undefined);
  return Number(String(line));
}

function requestOf(purchase: number, eventId: string): string {
  const body = `{"event_id":"${eventId}","usage_amount":"1.5","usage_unit":"GB","billed_amount":"0.000001"}`;
  return (
    `POST /purchase/pur_bench${purchase}/meter-usage HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${vendorKey(purchase)}\r\n` +
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

async function connect(port: number): Promise<(request: string) => Promise<void>> {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return (request) => exchange(socket, request);
}

/** One request and its whole answer on a kept connection; the cheapest client there is, so the server is what is measured. */
function exchange(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = "";
    const finish = (error?: Error) => {
      socket.removeAllListeners("data").removeAllListeners("close");
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const head = received.indexOf("\r\n\r\n");
      if (head === -1) return;
      const length = Number(/content-length: ([0-9]+)/i.exec(received)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      finish(
        received.startsWith("HTTP/1.1 200") ? undefined : new Error(`The route answered ${received.slice(0, 400)}`),
      );
    });
    socket.on("close", () => finish(new Error("The server closed the connection.")));
    socket.write(request);
  });
}
