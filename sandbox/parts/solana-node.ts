import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { askSurfnet, type Surfnet, startSurfnet } from "./surfnet.ts";

const LOOK_EVERY_MS = 5_000;
const PATIENCE_MS = 30_000;

// The program of the Solana part: a chain in this process's memory behind one port, HTTP and WebSocket, as clients expect of a node.
// Arguments: the port, and milliseconds per slot.
const [port, slotTimeMs] = process.argv.slice(2).map(Number);
const surfnet = await startSurfnet({ slotTimeMs: slotTimeMs ?? 400 });
const server = createServer((incoming, reply) => forward(surfnet, incoming, reply));
server.on("upgrade", (incoming, socket, head) => join(surfnet, { incoming, socket, head }));
server.listen(port, "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
void endWhenStuck(surfnet);

/** On a busy machine surfpool may lock itself up: it takes calls and answers none, for good. Then it ends, and is started again. */
async function endWhenStuck({ rpc }: Surfnet): Promise<void> {
  for (;;) {
    await pause(LOOK_EVERY_MS);
    const answer = askSurfnet(rpc, "getSlot").catch(() => "an error, which is an answer");
    if ((await Promise.race([answer, pause(PATIENCE_MS)])) !== undefined) continue;
    console.error(`The chain took a call and did not answer it within ${PATIENCE_MS / 1000} s.`);
    process.exit(1);
  }
}

function forward({ rpc }: Surfnet, incoming: IncomingMessage, reply: ServerResponse): void {
  const asked = request(rpc, { method: incoming.method, headers: incoming.headers }, (answer) => {
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(reply);
  });
  asked.on("error", () => reply.destroy());
  reply.on("close", () => asked.destroy());
  incoming.pipe(asked);
}

/** Repeats the client's handshake towards the chain's own WebSocket port, and joins the two from there on. */
function join(
  { ws }: Surfnet,
  call: { readonly incoming: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
) {
  const { hostname, port: there } = new URL(ws);
  const { incoming, socket, head } = call;
  const chain = connect(Number(there), hostname, () => {
    const lines = incoming.rawHeaders.flatMap((text, place) =>
      place % 2 === 0 ? [`${text}: ${incoming.rawHeaders[place + 1]}`] : [],
    );
    chain.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    chain.write(head);
    socket.pipe(chain).pipe(socket);
  });
  for (const [one, other] of [[chain, socket] as const, [socket, chain] as const]) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}
