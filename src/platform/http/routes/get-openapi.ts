import { defineRoute } from "../define-route.ts";
import type { OpenApiDocument } from "../openapi.ts";

/** GET /openapi.json. The document of everything mounted, built once at start. */
export const getOpenApiRoute = (needs: { document(): OpenApiDocument }) => {
  let text: string | undefined;
  return defineRoute({
    operationId: "getOpenApi",
    summary: "This API as OpenAPI 3.1",
    tags: ["platform"],
    method: "get",
    path: "/openapi.json",
    auth: ["none"],
    reply: { status: 200, contentType: "application/json; charset=utf-8" },
    handler: () => {
      text ??= JSON.stringify(needs.document());
      return { status: 200 as const, body: text, headers: { "cache-control": "no-cache" } };
    },
  });
};
