import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A node in front of the chain; once told, it takes nothing to send, as if the caller died before. */
export async function startCuttableNode(rpc: string) {
  let isCut = false;
  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    if (isCut && body.includes("eth_sendRawTransaction")) return void request.socket.destroy();
    const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    response.setHeader("content-type", "application/json");
    response.end(await answer.text());
  };
  const server = createServer((request, response) => void relay(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    cutSendings: () => {
      isCut = true;
    },
    takeSendings: () => {
      isCut = false;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
