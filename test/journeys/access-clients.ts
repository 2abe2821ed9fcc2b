import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import WebSocket from "ws";
import { z } from "zod";

const run = promisify(execFile);
const Message = z.looseObject({ type: z.string(), seq: z.number() });

/** Why no test can call with curl, or undefined where it can. For `it.skipIf(curlMissing)`. */
export const curlMissing: string | undefined =
  spawnSync("curl", ["--version"]).status === 0 ? undefined : "curl is missing";

/** What curl shows of an answer, as the seed's reader sees it. */
export async function curl(...words: readonly string[]) {
  const { stdout } = await run("curl", ["-s", "-i", ...words]);
  const [head = "", ...body] = stdout.split("\r\n\r\n");
  const lines = head.split("\r\n").slice(1);
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return {
    status: Number(head.split(" ")[1]),
    headers,
    body: z.looseObject({}).parse(JSON.parse(body.join("\r\n\r\n"))),
  };
}

/** `fetch` that sends payments only when `count` of them are there. */
export function meeting(count: number): typeof fetch {
  const waiting: (() => void)[] = [];
  return async (input, init) => {
    const request = new Request(input, init);
    if (!request.headers.has("payment-signature")) return fetch(request);
    const all = new Promise<void>((resolve) => waiting.push(resolve));
    if (waiting.length === count) for (const resolve of waiting) resolve();
    await all;
    return fetch(request);
  };
}

/** Everything a session's socket says until it is closed; `joined` once it has said the first thing. */
export function watch(url: string) {
  const messages: z.infer<typeof Message>[] = [];
  const socket = new WebSocket(url);
  const ended = new Promise<{ readonly code: number; readonly messages: typeof messages }>((resolve, reject) => {
    socket.on("message", (data) => messages.push(Message.parse(JSON.parse(String(data)))));
    socket.on("close", (code) => resolve({ code, messages }));
    socket.on("error", reject);
  });
  const first = new Promise<void>((resolve) => socket.once("message", () => resolve()));
  return { joined: Promise.race([first, ended]), ended };
}
