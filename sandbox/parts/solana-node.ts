import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type Surfnet, startSurfnet } from "./surfnet.ts";

// The program of the Solana part: a chain in this process's memory behind one port, HTTP and WebSocket, as clients expect of a node.
// Arguments: the port, and milliseconds per slot.
const [port, slotTimeMs] = process.argv.slice(2).map(Number);
const surfnet = await startSurfnet({ slotTimeMs: slotTimeMs ?? 400 });
const server = createServer((incoming, reply) => forward(surfnet, incoming, reply));
server.on("upgrade", (incoming, socket, head) => join(surfnet, { incoming, socket, head }));
server.listen(port, "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));

function forward({ rpc }: Surfnet, incoming: IncomingMessage, reply: ServerResponse): void {
  const asked = request(rpc, { method: incoming.method, headers: incoming.headers }, (answer) => {
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(reply);
  });
  asked.on("error", () => reply.destroy());
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
