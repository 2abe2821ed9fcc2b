import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineRoute } from "../define-route.ts";

const FOLDER = new URL("../reference-page/", import.meta.url);

/**
 * GET /docs. A page that reads /openapi.json and shows it; it needs nothing from elsewhere, so it works offline. Its policy allows exactly
 * its own script and style, by hash.
 */
export const getReferenceRoute = () => {
  const [page, script, style] = ["page.html", "page.js", "page.css"].map((name) =>
    readFileSync(new URL(name, FOLDER), "utf8"),
  );
  const html = (page ?? "").replace("/*STYLE*/", () => style ?? "").replace("/*SCRIPT*/", () => script ?? "");
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script ?? "")}`,
    `style-src ${hashSource(style ?? "")}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return defineRoute({
    operationId: "getReference",
    summary: "The reference page",
    hidden: true,
    method: "get",
    path: "/docs",
    auth: ["none"],
    reply: { status: 200, contentType: "text/html; charset=utf-8" },
    handler: () => ({
      status: 200 as const,
      body: html,
      headers: { "content-security-policy": policy, "cache-control": "no-cache" },
    }),
  });
};

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
