import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { keepConnections, outboundFetch } from "../../../src/platform/outbound/fetch.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server on loopback; answers its `host:port` and how often it was asked. */
async function serve(listener: RequestListener): Promise<{ readonly host: string; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return { host: `127.0.0.1:${address.port}`, asked: () => asked };
}

const get = (url: string) => ({ url, method: "GET" as const });
const resolvingTo = (address: string) => () => Promise.resolve([{ address, family: 4 }]);
const port = (host: string) => host.split(":")[1];

describe("outboundFetch", () => {
  it("sends what it is given and answers status, headers and body", async () => {
    const { host } = await serve((request, response) => {
      const chunks: string[] = [];
      request.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(201, { "x-seen": request.headers["x-mine"] });
        response.end(`${request.method} ${request.url} ${chunks.join("")}`);
      });
    });
    const call = { url: `http://${host}/in?a=1`, method: "POST" as const, headers: { "x-mine": "yes" }, body: "ü" };
    const answer = await outboundFetch({ allowPrivateHosts: [host] }, call);
    expect(answer).toMatchObject({ status: 201, body: "POST /in?a=1 ü" });
    expect(answer.headers["x-seen"]).toBe("yes");
  });

  it("keeps a connection for the next call only where it is told to", async () => {
    const ports = new Set<number | undefined>();
    const { host } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("here");
    });
    const connections = keepConnections();
    const ask = (kept: object) => outboundFetch({ allowPrivateHosts: [host], ...kept }, get(`http://${host}/`));
    for (let call = 0; call < 3; call += 1) expect(await ask({ connections })).toMatchObject({ body: "here" });
    expect(ports.size).toBe(1);
    for (let call = 0; call < 3; call += 1) await ask({});
    expect(ports.size).toBe(4);
  });

  it("O01: reaches no private address by default, whatever name it goes by", async () => {
    const server = await serve((_, response) => response.end("secret"));
    const at = port(server.host);
    const urls = [
      `http://127.0.0.1:${at}/`,
      `http://localhost:${at}/`,
      `http://2130706433:${at}/`,
      `http://[::1]:${at}/`,
    ];
    for (const url of urls) {
      await expect(outboundFetch({}, get(url))).rejects.toMatchObject({ code: "outbound_address_refused" });
    }
    const needs = { resolve: resolvingTo("127.0.0.1") };
    const named = get(`http://hooks.example.com:${at}/`);
    await expect(outboundFetch(needs, named)).rejects.toMatchObject({ code: "outbound_address_refused" });
    expect(server.asked()).toBe(0);
  });

  it("O01: asks for a name once and connects to that answer, so a rebinding name gains nothing", async () => {
    const server = await serve((request, response) => response.end(request.headers.host));
    let lookups = 0;
    const resolve = () => {
      lookups += 1;
      return Promise.resolve([{ address: lookups === 1 ? "127.0.0.1" : "10.0.0.1", family: 4 }]);
    };
    const name = `hooks.example.com:${port(server.host)}`;
    const answer = await outboundFetch({ allowPrivateHosts: [name], resolve }, get(`http://${name}/`));
    expect(answer.body).toBe(name);
    expect(lookups).toBe(1);
  });

  it("O01: follows no redirect, least of all to a private address", async () => {
    const inner = await serve((_, response) => response.end("secret"));
    const outer = await serve((_, response) => response.writeHead(302, { location: `http://${inner.host}/` }).end());
    const answer = await outboundFetch({ allowPrivateHosts: [outer.host, inner.host] }, get(`http://${outer.host}/`));
    expect(answer).toMatchObject({ status: 302, body: "" });
    expect(inner.asked()).toBe(0);
  });

  it("422 outbound_response_too_large: stops reading at the limit", async () => {
    let sent = 0;
    const { host } = await serve((_, response) => {
      const timer = setInterval(() => {
        sent += 10_000;
        response.write("x".repeat(10_000));
      }, 1);
      response.on("close", () => clearInterval(timer));
    });
    const call = { ...get(`http://${host}/`), maxResponseBytes: 30_000 };
    const failure = { code: "outbound_response_too_large" };
    await expect(outboundFetch({ allowPrivateHosts: [host] }, call)).rejects.toMatchObject(failure);
    expect(sent).toBeLessThan(1_000_000);
  });

  it("reads an answer of exactly the limit, and none at all when told so", async () => {
    const { host } = await serve((_, response) => response.end("12345"));
    const needs = { allowPrivateHosts: [host] };
    const call = get(`http://${host}/`);
    expect((await outboundFetch(needs, { ...call, maxResponseBytes: 5 })).body).toBe("12345");
    expect(await outboundFetch(needs, { ...call, maxResponseBytes: 0 })).toMatchObject({ status: 200, body: "" });
    await expect(outboundFetch(needs, { ...call, maxResponseBytes: 4 })).rejects.toThrow("4 bytes");
  });

  it.each([
    ["never answers", () => undefined],
    ["stops in the middle of its answer", (response: { write: (text: string) => void }) => response.write("half")],
  ])("503 outbound_unreachable: gives up in time on a server that %s", async (_, act) => {
    const { host } = await serve((_request, response) => act(response));
    const call = { ...get(`http://${host}/secret-path`), timeoutMs: 200 };
    const started = Date.now();
    const failure: unknown = await outboundFetch({ allowPrivateHosts: [host] }, call).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "outbound_unreachable", status: 503 });
    expect(String(failure)).toContain("took too long");
    expect(String(failure)).not.toContain("secret-path");
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it("503 outbound_unreachable: gives up in time on a name server that never answers", async () => {
    const needs = { resolve: () => new Promise<never>(() => undefined) };
    const call = { ...get("https://hooks.example.com/"), timeoutMs: 100 };
    await expect(outboundFetch(needs, call)).rejects.toMatchObject({ code: "outbound_unreachable" });
  });

  it("503 outbound_unreachable: nobody listens, or the connection breaks", async () => {
    const gone = { allowPrivateHosts: ["127.0.0.1:9"] };
    await expect(outboundFetch(gone, get("http://127.0.0.1:9/"))).rejects.toThrow("ECONNREFUSED");
    const { host } = await serve((request) => request.socket.destroy());
    const broken = outboundFetch({ allowPrivateHosts: [host] }, get(`http://${host}/`));
    await expect(broken).rejects.toMatchObject({ code: "outbound_unreachable" });
  });
});
