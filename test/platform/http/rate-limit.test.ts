import { describe, expect, it } from "vitest";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import type { RateLimits } from "../../../src/platform/http/rate-limit.ts";
import type { Reply } from "./served-routes.ts";
import { problemIn, serveRoutes } from "./served-routes.ts";

const pay = defineRoute({
  operationId: "pay",
  summary: "Limited",
  method: "post",
  path: "/pay",
  auth: ["none"],
  rateLimit: "payment",
  reply: { status: 204 },
  handler: () => undefined,
});
const limits = { payment: { limit: 3, windowSeconds: 60, by: "ip" } } as const satisfies RateLimits;
const from = (address: string) => ({ method: "POST", headers: { "x-forwarded-for": address } });

describe("429 rate_limited", () => {
  it("admits exactly the limit, tells what is left, then says when to come back", async () => {
    const served = await serveRoutes([pay], { rateLimits: limits });
    const replies: Reply[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) replies.push(await served.call("/pay", { method: "POST" }));
    expect(replies.map((reply) => reply.status)).toEqual([204, 204, 204, 429, 429]);
    expect(replies[0]?.headers.get("ratelimit-policy")).toBe('"payment";q=3;w=60');
    expect(replies[0]?.headers.get("ratelimit")).toMatch(/^"payment";r=2;t=(59|60)$/);
    const [refused] = replies.slice(-1);
    if (refused === undefined) throw new Error("no reply");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(55);
    expect(problemIn(refused)).toMatchObject({ code: "rate_limited", retryAfterSeconds: expect.any(Number) });
    await served.close();
  });

  it("admits exactly the limit under concurrency", async () => {
    const served = await serveRoutes([pay], { rateLimits: limits });
    const replies = await Promise.all(Array.from({ length: 20 }, () => served.call("/pay", { method: "POST" })));
    expect(replies.filter((reply) => reply.status === 204).length).toBe(3);
    await served.close();
  });

  it("believes X-Forwarded-For only from a declared proxy", async () => {
    const direct = await serveRoutes([pay], { rateLimits: limits });
    const forged: number[] = [];
    for (let last = 1; last <= 4; last += 1) forged.push((await direct.call("/pay", from(`192.0.2.${last}`))).status);
    expect(forged).toEqual([204, 204, 204, 429]);
    await direct.close();

    const proxied = await serveRoutes([pay], { rateLimits: limits, trustProxy: "1" });
    const real: number[] = [];
    for (let last = 1; last <= 4; last += 1) real.push((await proxied.call("/pay", from(`192.0.2.${last}`))).status);
    expect(real).toEqual([204, 204, 204, 204]);
    const prepended: number[] = [];
    for (let last = 1; last <= 4; last += 1)
      prepended.push((await proxied.call("/pay", from(`198.51.100.${last}, 203.0.113.9`))).status);
    expect(prepended).toEqual([204, 204, 204, 429]);
    await proxied.close();
  });

  it("counts an IPv6 caller by its /64", async () => {
    const served = await serveRoutes([pay], { rateLimits: limits, trustProxy: "1" });
    const statuses: number[] = [];
    for (const tail of ["::1", "::2", "::ffff:3", ":1:2:3:4"]) {
      statuses.push((await served.call("/pay", from(`2001:db8:0:7${tail}`))).status);
    }
    expect(statuses).toEqual([204, 204, 204, 429]);
    expect((await served.call("/pay", from("2001:db8:0:8::1"))).status).toBe(204);
    await served.close();
  });

  it("can be switched off, and a route that names no known limit cannot be mounted", async () => {
    const open = await serveRoutes([pay], { rateLimits: "off" });
    const reply = await open.call("/pay", { method: "POST" });
    expect([reply.status, reply.headers.get("ratelimit")]).toEqual([204, null]);
    await open.close();
    await expect(serveRoutes([pay], { rateLimits: {} })).rejects.toThrow('No rate limit is named "payment"');
  });
});
