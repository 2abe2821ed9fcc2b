import { createServer, type Server } from "node:http";
import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../src/platform/logger.ts";
import {
  type Connection,
  openSockets,
  type SocketOptions,
  type Sockets,
} from "../../../src/platform/sockets/sockets.ts";
import { connect } from "./socket-client.ts";

type Running = { readonly url: string; readonly connections: Connection[]; readonly sockets: Sockets };

const lines: string[] = [];
const logger = createLogger({ level: "info", name: "test", destination: { write: (line) => void lines.push(line) } });
const opened: { readonly server: Server; readonly sockets: Sockets }[] = [];

afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    await sockets.drain(500);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(options: Partial<SocketOptions> = {}): Promise<Running> {
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => response.end(`${request.method} ${Buffer.concat(chunks).toString()}`));
  });
  const connections: Connection[] = [];
  const sockets = openSockets({ logger }, server, {
    options: { paths: ["/"], allowedOrigins: ["https://shop.example"], ...options },
    accept: (connection) => {
      connections.push(connection);
      return {
        onMessage: async (message) => {
          if (message.type === "fail") throw new Error("a bug");
          connection.send({ type: "echo", text: String(message.text) });
        },
        onClose: () => {},
      };
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  opened.push({ server, sockets });
  return { url: `ws://127.0.0.1:${address.port}`, connections, sockets };
}

describe("who is let in", () => {
  it("is every client that is no page, and pages of allowed origins alone", async () => {
    const { url } = await serve();
    await connect(url);
    await connect(url, { origin: "https://shop.example" });
    await expect(connect(url, { origin: "https://evil.example" })).rejects.toThrow("refused 403");
    await expect(connect(url, { origin: "null" })).rejects.toThrow("refused 403");
  });

  it("asks for a path that is a socket, and for no more sockets of one address than are allowed", async () => {
    const { url, sockets } = await serve({ maxPerAddress: 2 });
    await expect(connect(`${url}/other`)).rejects.toThrow("refused 404");
    const first = await connect(url);
    await connect(url);
    await expect(connect(url)).rejects.toThrow("refused 429");
    first.socket.close();
    await expect.poll(sockets.count).toBe(1);
    await connect(url);
  });

  it("gets back the subprotocol it offered, and the server knows query and offers", async () => {
    const { url, connections } = await serve();
    const { socket } = await connect(`${url}/?token=secret`, { protocols: ["first", "second"] });
    expect(socket.protocol).toBe("first");
    expect(connections[0]?.query.get("token")).toBe("secret");
    expect(connections[0]?.protocols).toEqual(["first", "second"]);
  });
});

describe("a socket", () => {
  it("takes JSON objects and nothing else", async () => {
    const { url } = await serve();
    const good = await connect(url);
    good.send({ type: "say", text: "hello" });
    expect(await good.next("echo")).toMatchObject({ text: "hello" });
    for (const bad of ["", "[]", "5", "{", '"text"', Buffer.from([1, 2, 3])]) {
      const { socket, closed } = await connect(url);
      socket.send(bad);
      expect(await closed).toBe("1003 not_a_json_object");
    }
  });

  it("is closed when it floods, when a message is too large, and when our own code fails, without saying why", async () => {
    const { url } = await serve({ maxMessagesPerTenSeconds: 5, maxMessageBytes: 100 });
    const flood = await connect(url);
    for (let count = 0; count < 20; count += 1) flood.send({ type: "say" });
    expect(await flood.closed).toBe("1008 too_many_messages");
    const large = await connect(url);
    large.send({ type: "say", text: "x".repeat(200) });
    expect(await large.closed).toMatch(/^1009/);
    const unlucky = await connect(url);
    unlucky.send({ type: "fail" });
    expect(await unlucky.closed).toBe("1011 internal_error");
    expect(lines.join("")).toContain("a bug");
  });

  it("is cut when it reads too slowly, and costs no more memory than allowed", async () => {
    const { url, connections, sockets } = await serve({ maxBufferedBytes: 10_000 });
    const slow = await connect(url);
    slow.socket.pause();
    const [connection] = connections;
    await expect
      .poll(() => {
        for (let count = 0; count < 100; count += 1) connection?.send({ type: "news", text: "x".repeat(10_000) });
        return sockets.count();
      })
      .toBe(0);
    slow.socket.terminate();
  });

  it("is cut when it answers no ping", async () => {
    const { url, sockets } = await serve({ heartbeatMs: 1_000 });
    const dead = await connect(url);
    const living = await connect(url);
    dead.socket.pause();
    await expect.poll(sockets.count).toBe(1);
    expect(living.socket.readyState).toBe(living.socket.OPEN);
    dead.socket.terminate();
  });
});

it("closes all with 1001 when it drains, and lets nobody in afterwards", async () => {
  const { url, sockets } = await serve();
  const clients = await Promise.all([connect(url), connect(url)]);
  await sockets.drain(5_000);
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(["1001 shutting_down", "1001 shutting_down"]);
  await expect(connect(url)).rejects.toThrow("refused 503");
});

it("serves a request that only offers another protocol, such as HTTP/2 in clear, with its body", async () => {
  const { url } = await serve();
  const client = connectTcp(Number(new URL(url).port), "127.0.0.1");
  client.write(
    "POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" +
      "Content-Length: 11\r\n\r\nhello ",
  );
  client.write("there");
  let answer = "";
  client.on("data", (chunk) => {
    answer += String(chunk);
  });
  await expect.poll(() => answer).toContain("POST hello there");
  client.destroy();
});
