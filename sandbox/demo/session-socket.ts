import WebSocket from "ws";
import { z } from "zod";

const Message = z.looseObject({ type: z.string() });

/** A session's socket, as its holder watches it. */
export type SessionSocket = {
  /** Waits for the next message of a type, also one that came before. Throws after `seconds`, or when the socket ends first. */
  readonly next: (type: string, seconds: number) => Promise<z.infer<typeof Message>>;
  readonly close: () => void;
};

/** Connects to a session's socket. */
export async function openSessionSocket(url: string): Promise<SessionSocket> {
  const socket = new WebSocket(url);
  const seen: z.infer<typeof Message>[] = [];
  let ended: string | null = null;
  socket.on("message", (data) => seen.push(Message.parse(JSON.parse(String(data)))));
  socket.on("close", (code, reason) => (ended = `closed with ${code} ${String(reason)}`));
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    next: async (type, seconds) => {
      for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
        const place = seen.findIndex((message) => message.type === type);
        const [found] = place === -1 ? [] : seen.splice(place, 1);
        if (found !== undefined) return found;
        if (ended !== null) throw new Error(`the socket ${ended} before it said "${type}"`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`the socket did not say "${type}" within ${seconds} s`);
    },
    close: () => socket.close(),
  };
}
