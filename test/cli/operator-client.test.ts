import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { callApi, Refused, Unanswered } from "../../src/cli/operator-client.ts";

let server: Server;
let api: string;
beforeAll(async () => {
  const answers: Readonly<Record<string, readonly [number, string]>> = {
    "/good": [200, '{"name":"x"}'],
    "/other": [200, '{"else":1}'],
    "/refused": [409, '{"code":"not_stuck","detail":"Nothing is stuck."}'],
    "/away": [503, '{"code":"unavailable","detail":"Away."}'],
    "/html": [502, "<html>"],
  };
  server = createServer((request, response) => {
    const { method, url, headers } = request;
    if (url === "/echo") return response.end(JSON.stringify({ method, key: headers["idempotency-key"] ?? null }));
    const [status, body] = answers[url ?? ""] ?? [404, "{}"];
    response.writeHead(status, { location: "http://127.0.0.1:9/" }).end(body);
    return response;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: AddressInfo = z
    .object({ port: z.number(), address: z.string(), family: z.string() })
    .parse(server.address());
  api = `http://127.0.0.1:${port}/`;
});
afterAll(() => server.close());

const call = (path: string) =>
  callApi({ api, token: "t", temporalUi: null }, { path, schema: z.object({ name: z.string() }) });

it("reads a good answer", async () => {
  expect(await call("good")).toEqual({ name: "x" });
});

it("tells a refusal, after which nothing is changed, from no answer, after which nobody knows", async () => {
  await expect(call("refused")).rejects.toBeInstanceOf(Refused);
  for (const path of ["away", "html", "other"]) await expect(call(path)).rejects.toBeInstanceOf(Unanswered);
});

it("asks with the method and under the key it is told, and by GET or POST otherwise", async () => {
  const access = { api, token: "t", temporalUi: null };
  const schema = z.object({ method: z.string(), key: z.string().nullable() });
  expect(await callApi(access, { path: "echo", schema })).toEqual({ method: "GET", key: null });
  expect(await callApi(access, { path: "echo", schema, body: {} })).toEqual({ method: "POST", key: null });
  const told = { path: "echo", schema, body: {}, method: "PATCH", idempotencyKey: "once" } as const;
  expect(await callApi(access, told)).toEqual({ method: "PATCH", key: "once" });
});
