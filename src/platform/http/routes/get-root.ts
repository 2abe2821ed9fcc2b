import { z } from "zod";
import { defineRoute } from "../define-route.ts";

const RootReply = z
  .object({
    name: z.string(),
    version: z.string(),
    docs: z.string(),
    openapi: z.string(),
    health: z.string(),
  })
  .meta({ id: "Root" });

/** GET /. Says what this is and where its pages are, as relative addresses: somebody who only has the host finds the rest. */
export const getRootRoute = (needs: { readonly name: { readonly service: string; readonly version: string } }) =>
  defineRoute({
    operationId: "getRoot",
    summary: "Where everything is",
    tags: ["platform"],
    method: "get",
    path: "/",
    auth: ["none"],
    reply: { status: 200, schema: RootReply },
    handler: () => ({
      name: needs.name.service,
      version: needs.name.version,
      docs: "/docs",
      openapi: "/openapi.json",
      health: "/health",
    }),
  });
