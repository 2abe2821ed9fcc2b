import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SharedCache, startSharedCache } from "./shared-cache.ts";

let asked = 0;
let cache: SharedCache;
const server = createServer((request, response) => {
  asked += 1;
  const said = request.headers["x-say"];
  response.writeHead(402, typeof said === "string" ? { "cache-control": said } : {}).end(`answer ${asked}`);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cache = await startSharedCache(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await cache?.stop();
  server.closeAllConnections();
  server.close();
});

const ask = async (path: string, init: RequestInit = {}) => (await fetch(`${cache.url}${path}`, init)).text();

it("gives one's answer to another, whatever its status and method, where the server does not forbid it", async () => {
  expect(await ask("/offer", { headers: { "x-api-key": "one's" } })).toBe(await ask("/offer"));
  expect(await ask("/pay", { method: "POST", body: "one" })).toBe(
    await ask("/pay", { method: "POST", body: "another" }),
  );
  expect(cache.answered).toEqual(["GET /offer", "POST /pay"]);
});

it.each(["no-store", "private, no-store", "private"])("keeps nothing that is said to be %s", async (said) => {
  const headers = { "x-say": said };
  expect(await ask(`/${said}`, { headers })).not.toBe(await ask(`/${said}`, { headers }));
});
