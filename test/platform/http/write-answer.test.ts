import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReplyHeaders } from "../../../src/platform/http/define-route.ts";
import { type WireAnswer, writeAnswer } from "../../../src/platform/http/write-answer.ts";

let server: Server;
let port: number;
let write: (response: ServerResponse, request: IncomingMessage) => void;
beforeAll(async () => {
  server = createServer((request, response) => write(response, request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
});

/** Sends one request and answers what came; `cut` where the connection ended before the answer did. */
function exchange(
  answer: WireAnswer,
  options: { readonly method?: string; readonly headers?: readonly ReplyHeaders[] } = {},
): Promise<{ readonly message: IncomingMessage; readonly text: string; readonly cut: boolean }> {
  write = (response, request) =>
    writeAnswer(response, answer, { id: "req_1", headers: options.headers ?? [], request });
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: "127.0.0.1", method: options.method ?? "GET", agent: false }, (message) => {
      let text = "";
      message.on("data", (chunk) => (text += String(chunk)));
      message.on("error", () => undefined);
      message.on("close", () => resolve({ message, text, cut: !message.complete }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

const json = (body: string): WireAnswer => ({ status: 200, contentType: "application/json", body });

describe("an answer", () => {
  it("has its length in bytes, its type, its request's id and the security headers", async () => {
    const { message, text } = await exchange(json('{"name":"Zoë"}'));
    expect(text).toBe('{"name":"Zoë"}');
    expect(message.headers).toMatchObject({
      ...{ "content-length": "15", "content-type": "application/json", "x-request-id": "req_1" },
      "x-content-type-options": "nosniff",
    });
  });

  it("to HEAD has the headers of the whole and no body", async () => {
    const { message, text } = await exchange(json('{"n":1}'), { method: "HEAD" });
    expect([message.headers["content-length"], text]).toEqual(["7", ""]);
  });

  it("without a body says that it has none, and a 204 does not even that", async () => {
    const empty = await exchange({ status: 202, contentType: undefined, body: undefined });
    expect(empty.message.headers["content-length"]).toBe("0");
    const none = await exchange({ status: 204, contentType: undefined, body: undefined });
    expect(none.message.headers["content-length"]).toBeUndefined();
  });

  it("repeats a header that has several values", async () => {
    const { message } = await exchange(json("{}"), { headers: [{ "set-cookie": ["a=1", "b=2"] }] });
    expect(message.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });

  it("gives a route's own value instead of the common one, not beside it", async () => {
    const policy = "default-src 'self'";
    const { message } = await exchange(json("{}"), { headers: [{ "content-security-policy": policy }] });
    expect(message.headersDistinct["content-security-policy"]).toEqual([policy]);
  });
});

describe("a streamed answer", () => {
  const stream = (body: AsyncIterable<string>): WireAnswer => ({ status: 200, contentType: "text/plain", body });

  it("arrives whole and in order, with no length told before", async () => {
    async function* parts() {
      for (const part of ["one ", "two ", "three"]) {
        await pause(1);
        yield part;
      }
    }
    const { message, text, cut } = await exchange(stream(parts()));
    expect([text, cut, message.headers["content-length"]]).toEqual(["one two three", false, undefined]);
  });

  it("that fails half-way is cut, so that nobody takes the part for the whole", async () => {
    async function* parts() {
      yield "the first half";
      await pause(20);
      throw new Error("the source is gone");
    }
    expect(await exchange(stream(parts()))).toMatchObject({ text: "the first half", cut: true });
  });
});

it("writes nothing where an answer was written before", async () => {
  write = (response, request) => {
    const place = { id: "req_1", headers: [], request };
    writeAnswer(response, json('"first"'), place);
    writeAnswer(response, json('"second"'), place);
  };
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(await response.text()).toBe('"first"');
});
