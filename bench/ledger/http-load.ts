import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { vendorKey } from "./world.ts";

/** A server process under test. */
export type HttpTarget = {
  /** Opens 64 connections for one slice: a server rightly closes those that idle from one slice to the next. */
  readonly connect: () => Promise<HttpCallers>;
  readonly stop: () => Promise<void>;
};

/** 64 connections, each kept by one caller. */
export type HttpCallers = {
  /** Sends one metering report of the given purchase on a caller's own connection; rejects on anything but 200. */
  readonly report: (caller: number, purchase: number) => Promise<void>;
  readonly close: () => void;
};

const CONNECTIONS = 64;

/** Starts the metering route over a ledger that is `empty`, `naive` or `ours`. */
export async function startHttpTarget(databaseUrl: string, mode: "empty" | "naive" | "ours"): Promise<HttpTarget> {
  const program = fileURLToPath(new URL("http-server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, databaseUrl, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  const port = await announcedPort(child);
  const run = `${mode}-${Date.now()}`;
  let sent = 0;
  const nextEvent = () => {
    sent += 1;
    return `${run}-${sent}`;
  };
  return {
    connect: () => openCallers(port, nextEvent),
    stop: async () => {
      const gone = once(child, "close");
      end();
      await gone;
      process.off("exit", end);
    },
  };
}

async function openCallers(port: number, nextEvent: () => string): Promise<HttpCallers> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(port)));
  return {
    report: (caller, purchase) => {
      const socket = sockets[caller % CONNECTIONS];
      if (socket === undefined) throw new RangeError("no connection");
      return exchange(socket, requestOf(purchase, nextEvent()));
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
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

async function connect(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
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
