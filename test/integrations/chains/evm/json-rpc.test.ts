import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRangeTooLarge, openJsonRpc } from "../../../../src/integrations/chains/evm/json-rpc.ts";

const KEY = "provider-key-in-the-path";
const patience = { timeoutMilliseconds: 5_000, tries: 3, pauseMilliseconds: 1 };

type Answer = {
  readonly status?: number;
  readonly retryAfter?: string;
  readonly body?: (id: number) => unknown;
  readonly silent?: boolean;
};

describe("a JSON-RPC client", () => {
  let server: Server;
  let answers: Answer[];
  let asked: number;
  beforeEach(async () => {
    asked = 0;
    server = createServer((request, response) => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      let text = "";
      request.on("data", (chunk) => (text += String(chunk)));
      request.on("end", () => {
        if (answer?.silent === true) return;
        const { id } = JSON.parse(text) as { id: number };
        response.writeHead(answer?.status ?? 200, {
          "content-type": "application/json",
          location: "http://127.0.0.1:9/",
          ...(answer?.retryAfter === undefined ? {} : { "retry-after": answer.retryAfter }),
        });
        response.end(JSON.stringify(answer?.body?.(id) ?? { jsonrpc: "2.0", id, result: "0x1" }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const open = (change: Partial<typeof patience> = {}) =>
    openJsonRpc({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${KEY}`,
      chain: "eip155:1",
      patience: { ...patience, ...change },
    });
  const failing = (code: number, message: string): Answer => ({ body: (id) => ({ id, error: { code, message } }) });

  it("tries again what a busy node could not answer, and then answers", async () => {
    answers = [{ status: 429 }, { status: 503 }, {}];
    expect(await open()("eth_chainId", [])).toEqual({ result: "0x1" });
    expect(asked).toBe(3);
  });

  it("C05: comes back no earlier than the node asked", async () => {
    answers = [{ status: 429, retryAfter: "1" }, {}];
    const begun = performance.now();
    expect(await open()("eth_chainId", [])).toEqual({ result: "0x1" });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(990);
    expect(asked).toBe(2);
  });

  it("C05: leaves a node alone that asked for long, instead of waiting or asking", async () => {
    answers = [{ status: 429, retryAfter: "600" }, {}];
    const call = open();
    await expect(call("eth_chainId", [])).rejects.toMatchObject({ code: "rpc_unavailable" });
    await expect(call("eth_chainId", [])).rejects.toMatchObject({ code: "rpc_unavailable" });
    expect(asked).toBe(1);
  });

  it("C05: takes a date as well, and no notice of what is neither", async () => {
    answers = [
      { status: 503, retryAfter: new Date(Date.now() - 5_000).toUTCString() },
      { status: 429, retryAfter: "soon" },
      {},
    ];
    expect(await open()("eth_chainId", [])).toEqual({ result: "0x1" });
  });

  it("tries again a rate limit told as an error", async () => {
    answers = [failing(-32_005, "rate limit"), {}];
    expect(await open()("eth_chainId", [])).toEqual({ result: "0x1" });
  });

  it("does not repeat what the node refused for good", async () => {
    answers = [failing(-32_000, "nonce too low")];
    expect(await open()("eth_sendRawTransaction", ["0x"])).toEqual({
      refused: { code: -32_000, message: "nonce too low" },
    });
    expect(asked).toBe(1);
  });

  it("recognises a log query refused for its size, whatever the provider calls it", async () => {
    const messages = [
      "query returned more than 10000 results",
      "block range is too wide",
      "Log response size exceeded",
    ];
    for (const message of messages) {
      asked = 0;
      answers = [failing(-32_005, message)];
      const answer = await open()("eth_getLogs", []);
      expect("refused" in answer && isRangeTooLarge(answer)).toBe(true);
    }
  });

  it("gives up after its tries and never tells the URL, which may hold a key", async () => {
    const cases: Answer[][] = [
      [{ status: 500 }],
      [{ status: 302 }],
      [{ body: () => "text" }],
      [{ body: () => ({ id: -1, result: 1 }) }],
    ];
    for (answers of cases) {
      asked = 0;
      const failure = await open()("eth_chainId", []).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "rpc_unavailable", status: 503 });
      expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(KEY);
      expect(asked).toBe(3);
    }
  });

  it("does not wait longer than its timeout for a node that says nothing", async () => {
    answers = [{ silent: true }];
    const asking = open({ timeoutMilliseconds: 50 })("eth_chainId", []);
    await expect(asking).rejects.toMatchObject({
      code: "rpc_unavailable",
      message: expect.stringContaining("timeout"),
    });
  });

  it("says a refused connection is unavailability", async () => {
    const rpc = openJsonRpc({ url: `http://127.0.0.1:9/${KEY}`, chain: "eip155:1", patience });
    await expect(rpc("eth_chainId", [])).rejects.toMatchObject({ code: "rpc_unavailable" });
    await rpc("eth_chainId", []).catch((error: unknown) => expect(String(error)).not.toContain(KEY));
  });
});
