import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBody, readBody, requireJson, requireUncompressed } from "../../../src/platform/http/request-body.ts";

let server: Server;
let port: number;
let take: (request: IncomingMessage) => void = () => undefined;
beforeAll(async () => {
  server = createServer((request) => take(request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends `head` and then `parts`, each as its own packet; hangs up after the last where told. Answers what `read` made of it. */
async function received<Result>(
  head: readonly string[],
  read: (request: IncomingMessage) => Result | Promise<Result>,
  options: { readonly parts?: readonly string[]; readonly hangUp?: boolean } = {},
): Promise<Result> {
  const result = new Promise<Result>((resolve, reject) => {
    take = (request) => void Promise.resolve(request).then(read).then(resolve, reject);
  });
  result.catch(() => undefined);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(["POST / HTTP/1.1", "Host: x", ...head, "", ""].join("\r\n"));
  for (const part of options.parts ?? []) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    socket.write(part);
  }
  if (options.hangUp === true) setTimeout(() => socket.destroy(), 30);
  return result.finally(() => socket.destroy());
}

const read = (limit: number) => (request: IncomingMessage) => readBody(request, limit).then(String);

describe("a body", () => {
  it.each([
    ["in one piece", ["hello"]],
    ["in many pieces", ["h", "el", "lo"]],
  ])("arrives whole %s", async (_name, parts) => {
    expect(await received(["Content-Length: 5"], read(5), { parts })).toBe("hello");
  });

  it("may be as long as the limit and not a byte longer, told or untold", async () => {
    const chunked = { parts: ["6\r\nhello!\r\n0\r\n\r\n"] };
    expect(await received(["Transfer-Encoding: chunked"], read(6), chunked)).toBe("hello!");
    await expect(received(["Transfer-Encoding: chunked"], read(5), chunked)).rejects.toMatchObject({
      ...{ code: "body_too_large", status: 413 },
    });
  });

  it("that is told to be too long is refused before any of it is sent", async () => {
    await expect(received(["Content-Length: 1000000000"], read(10))).rejects.toMatchObject({ code: "body_too_large" });
  });

  it("of a caller who hung up is nobody's: no answer is made for it", async () => {
    const cut = received(["Content-Length: 10"], read(10), { parts: ["half"], hangUp: true });
    await expect(cut).rejects.toMatchObject({ name: "CallerGone" });
  });

  it("is there when its length or its coding says so", async () => {
    expect(await received(["Content-Length: 1"], hasBody)).toBe(true);
    expect(await received(["Transfer-Encoding: chunked"], hasBody)).toBe(true);
    expect(await received(["Content-Length: 0"], hasBody)).toBe(false);
    expect(await received([], hasBody)).toBe(false);
  });
});

describe("what is taken as JSON", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "application/problem+json",
    "application/json; charset=us-ascii",
  ])("%s", async (type) => {
    await expect(received([`Content-Type: ${type}`], requireJson)).resolves.toBeUndefined();
  });

  it.each(["text/plain", "application/jsonp", "application/json; charset=utf-16", "text/json", "multipart/form-data"])(
    "never %s",
    async (type) => {
      await expect(received([`Content-Type: ${type}`], requireJson)).rejects.toMatchObject({
        ...{ code: "unsupported_media_type", status: 415 },
      });
    },
  );

  it("what curl -d names a form, only where a route takes it", async () => {
    const form = ["Content-Type: application/x-www-form-urlencoded"];
    await expect(received(form, requireJson)).rejects.toMatchObject({ code: "unsupported_media_type" });
    await expect(received(form, (request) => requireJson(request, "asForm"))).resolves.toBeUndefined();
    const text = ["Content-Type: text/plain"];
    await expect(received(text, (request) => requireJson(request, "asForm"))).rejects.toMatchObject({ status: 415 });
  });

  it("never a body without a type, nor a compressed one", async () => {
    await expect(received([], requireJson)).rejects.toMatchObject({ code: "unsupported_media_type" });
    for (const check of [requireJson, requireUncompressed])
      await expect(received(["Content-Type: application/json", "Content-Encoding: gzip"], check)).rejects.toMatchObject(
        { code: "unsupported_encoding", status: 415 },
      );
    await expect(received(["Content-Encoding: identity"], requireUncompressed)).resolves.toBeUndefined();
  });
});
