import WebSocket from "ws";
import { inFlight } from "../purchases/in-flight.ts";
import type { SoldSession } from "./sell-sessions.ts";

/** A socket for each of many sessions, as their holders keep them. */
export type Followers = {
  /** Waits until every socket was told something of this type after now; answers when each was, by `performance.now()`. */
  readonly nextOf: (type: string) => Promise<readonly number[]>;
  /** How many messages of a type came so far. */
  readonly seen: (type: string) => number;
  readonly close: () => void;
};

const IN_FLIGHT = 32;
const SOCKETS_PER_ADDRESS = 100;

/** Connects a socket to each session and waits for its snapshot. The sockets come from as many addresses as they need, by a proxy's word. */
export async function openFollowers(api: string, sessions: readonly SoldSession[]): Promise<Followers> {
  const counts = new Map<string, number>();
  let listener: ((type: string, index: number) => void) | undefined;
  const sockets = await inFlight({ count: sessions.length, most: IN_FLIGHT }, async (index) => {
    const forwarded = `10.0.0.${1 + Math.floor(index / SOCKETS_PER_ADDRESS)}`;
    const url = `${api.replace(/^http/, "ws")}/?token=${sessions[index]?.token ?? ""}`;
    const socket = new WebSocket(url, { headers: { "x-forwarded-for": forwarded } });
    await new Promise<void>((resolve, reject) => {
      socket.on("message", (data) => {
        // The type is the first member of nearly every message; whole messages are read where it is not.
        const type = String(JSON.parse(String(data)).type);
        counts.set(type, (counts.get(type) ?? 0) + 1);
        if (type === "snapshot") resolve();
        listener?.(type, index);
      });
      socket.once("error", reject);
      socket.once("close", (code) => reject(new Error(`a socket was closed with ${code}`)));
    });
    return socket;
  });
  return {
    seen: (type) => counts.get(type) ?? 0,
    close: () => {
      for (const socket of sockets) socket.terminate();
    },
    nextOf: (type) =>
      new Promise((resolve) => {
        const times = new Map<number, number>();
        listener = (told, index) => {
          if (told !== type || times.has(index)) return;
          times.set(index, performance.now());
          if (times.size === sessions.length) resolve([...times.values()]);
        };
      }),
  };
}
