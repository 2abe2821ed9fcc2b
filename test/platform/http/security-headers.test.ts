import { expect, it } from "vitest";
import { securityHeaders } from "../../../src/platform/http/security-headers.ts";

const headers = new Map(securityHeaders().map(([name, value]) => [name.toLowerCase(), value]));

it("lets an answer load nothing, be framed by nobody and be taken for no other type", () => {
  expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

it("keeps callers on TLS for a year at least and sends no referrer", () => {
  const seconds = Number(/max-age=(\d+)/.exec(headers.get("strict-transport-security") ?? "")?.[1]);
  expect(seconds).toBeGreaterThanOrEqual(31_536_000);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
});

it("lets pages of other origins read answers, which CORS alone decides", () => {
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
});

it("lets no cache keep an answer whose route does not say that it may", () => {
  expect(headers.get("cache-control")).toBe("no-store");
});

it("names no software", () => {
  expect(headers.has("x-powered-by")).toBe(false);
  expect(headers.has("server")).toBe(false);
});

it("gives every name once and in lower case, as the routes' own values replace them by it", () => {
  const names = securityHeaders().map(([name]) => name);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});
