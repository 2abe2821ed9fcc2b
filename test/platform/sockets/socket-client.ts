import { expect } from "vitest";
import WebSocket from "ws";
import { z } from "zod";

const Message = z.looseObject({ type: z.string() });
/** What a server said. */
export type Said = z.infer<typeof Message>;

/** A socket under test: everything it was told, and how it was closed. */
export type TestSocket = {
  readonly socket: WebSocket;
  readonly said: Said[];
  readonly closed: Promise<string>;
  readonly send: (message: unknown) => void;
  /** Waits for a message of this type that came after the ones asked for before. */
  readonly next: (type: string) => Promise<Said>;
};

/** Connects and waits until it is open. Rejects with the status a server refused with. */
export async function connect(
  url: string,
  options: { readonly origin?: string; readonly protocols?: string[]; readonly headers?: Record<string, string> } = {},
): Promise<TestSocket> {
  const { protocols = [], origin, headers } = options;
  const socket = new WebSocket(url, protocols, {
    ...(origin === undefined ? {} : { origin }),
    ...(headers === undefined ? {} : { headers }),
  });
  const said: Said[] = [];
  let read = 0;
  socket.on("message", (data) => said.push(Message.parse(JSON.parse(String(data)))));
  const closed = new Promise<string>((resolve) => {
    socket.on("close", (code, reason) => resolve(`${code} ${String(reason)}`));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("unexpected-response", (_request, response) => reject(new Error(`refused ${response.statusCode}`)));
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  return {
    socket,
    said,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    next: async (type) => {
      const find = () => said.findIndex((each, index) => index >= read && each.type === type);
      await expect.poll(find, { interval: 10 }).toBeGreaterThanOrEqual(0);
      read = find() + 1;
      return Message.parse(said[read - 1]);
    },
  };
}
