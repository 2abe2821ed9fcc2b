import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRouteTable } from "../../../src/platform/http/route-table.ts";

function table(...entries: readonly (readonly [string, string])[]) {
  const built = createRouteTable<string>();
  for (const [method, path] of entries) built.add(method, path, `${method} ${path}`);
  return built;
}

describe("find", () => {
  const routes = table(
    ["GET", "/a"],
    ["GET", "/a/:id"],
    ["POST", "/a/:id"],
    ["GET", "/a/fixed"],
    ["GET", "/a/:id/b"],
    ["GET", "/a/fixed/c"],
    ["GET", "/"],
  );

  it("prefers literals, yet comes back to a parameter when the literal leads nowhere", () => {
    expect(routes.find("GET", "/a/fixed")).toMatchObject({ endpoint: "GET /a/fixed" });
    expect(routes.find("GET", "/a/fixed/b")).toMatchObject({ endpoint: "GET /a/:id/b", params: { id: "fixed" } });
    expect(routes.find("GET", "/a/x/b")).toMatchObject({ params: { id: "x" } });
  });

  it("finds the root, ignores one trailing slash and minds case", () => {
    expect(routes.find("GET", "/")).toMatchObject({ endpoint: "GET /" });
    expect(routes.find("GET", "/a/")).toMatchObject({ endpoint: "GET /a" });
    for (const path of ["/A", "/a//b", "/a//", "//a", "/a/x/b/c", ""])
      expect([path, routes.find("GET", path).kind]).toEqual([path, path === "" ? "found" : "unknown"]);
  });

  it("tells the methods of a path that lacks the one asked for", () => {
    expect(routes.find("DELETE", "/a/x")).toEqual({ kind: "other-method", allow: "GET, POST, HEAD, OPTIONS" });
    expect(routes.find("HEAD", "/a/x")).toMatchObject({ endpoint: "GET /a/:id" });
  });

  it("gives back any parameter exactly as it was before it was encoded", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (id) => {
        fc.pre(id !== "fixed");
        expect(routes.find("GET", `/a/${encodeURIComponent(id)}/b`)).toMatchObject({ params: { id } });
      }),
    );
  });

  it("treats a parameter named like a prototype's member as an ordinary one", () => {
    const odd = table(["GET", "/x/:constructor"]);
    expect(odd.find("GET", "/x/y")).toMatchObject({ params: { constructor: "y" } });
    expect(odd.find("GET", "/__proto__")).toEqual({ kind: "unknown" });
  });
});
