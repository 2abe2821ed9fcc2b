import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import { serveRoutes } from "./served-routes.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function deferred<Value = undefined>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const work = (milliseconds: number, started: () => void = () => undefined) =>
  defineRoute({
    operationId: "work",
    summary: "Takes a while",
    method: "get",
    path: "/work",
    auth: ["none"],
    reply: { status: 200, schema: z.object({ done: z.boolean() }) },
    handler: async () => {
      started();
      await wait(milliseconds);
      return { done: true };
    },
  });

describe("drain", () => {
  it("lets the running request finish, refuses new connections, and ends soon after", async () => {
    const begun = deferred();
    const served = await serveRoutes([work(300, () => begun.resolve(undefined))]);
    const running = served.call("/work");
    await begun.promise;
    const drained = served.server.drain(60_000);
    await expect(fetch(`${served.server.url}/work`, { headers: { connection: "close" } })).rejects.toThrow();
    expect((await running).json).toEqual({ done: true });
    const started = performance.now();
    expect(await drained).toBe("finished");
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("cuts what is still running at the limit, and may be asked twice", async () => {
    const begun = deferred();
    const served = await serveRoutes([work(3_000, () => begun.resolve(undefined))]);
    const running = served.call("/work").catch(() => "cut off");
    await begun.promise;
    const both = await Promise.all([served.server.drain(200), served.server.drain(200)]);
    expect(both).toEqual(["cut", "cut"]);
    expect(await running).toBe("cut off");
  });

  it("does not wait for idle keep-alive connections", async () => {
    const served = await serveRoutes([work(0)]);
    await served.call("/work");
    const idle = connect(served.server.port, "127.0.0.1");
    idle.on("error", () => undefined);
    await new Promise((resolve) => idle.once("connect", resolve));
    idle.write("GET /work HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => idle.once("data", resolve));
    expect(await served.server.drain(5_000)).toBe("finished");
    idle.destroy();
  });
});

describe("startServer", () => {
  it("rejects when the port is taken", async () => {
    const first = await serveRoutes([work(0)]);
    await expect(serveRoutes([work(0)], {}, { port: first.server.port })).rejects.toThrow("EADDRINUSE");
    await first.close();
  });

  it("tells the handler when the caller hangs up", async () => {
    const aborted = deferred<string>();
    const begun = deferred();
    const listen = defineRoute({
      operationId: "listen",
      summary: "Waits for the caller",
      method: "get",
      path: "/listen",
      auth: ["none"],
      reply: { status: 204 },
      handler: async ({ request }) => {
        begun.resolve(undefined);
        await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
        aborted.resolve("aborted");
        return undefined;
      },
    });
    const served = await serveRoutes([listen]);
    const caller = new AbortController();
    const call = served.call("/listen", { signal: caller.signal }).catch(() => "gone");
    await begun.promise;
    caller.abort();
    expect([await call, await aborted.promise]).toEqual(["gone", "aborted"]);
    await served.close();
  });
});
