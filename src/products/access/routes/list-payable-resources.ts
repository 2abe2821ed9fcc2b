import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listAssets } from "../assets/list-assets.ts";
import { resourceUrl } from "../payments/quotes/quotes.ts";
import { Cursor } from "../schemas.ts";

/** As many as a crawler takes in one document; the rest is behind the cursor. */
const PAGE = 200;
const EVERY = { merchantId: null, type: null, unit: null, status: null, maximumPrice: null, offset: 0 } as const;
const INSTRUCTIONS =
  'POST to a resource without a payment: the answer is 402 with what to pay, in x402 v2, v1 and PAY2. {"units": 5} asks for more than one unit. What each thing is, is at /api/v1/assets.';

const Reply = z
  .object({
    version: z.literal(1),
    x402Version: z.literal(2),
    resources: z.array(z.string()).meta({ description: "Absolute URLs that answer POST with 402, newest first." }),
    openapi: z.string(),
    instructions: z.string(),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "PayableResources" });

/** GET /.well-known/x402. What is paid for here, for crawlers that find x402 servers by their host; what is in maintenance is left out. */
export const listPayableResourcesRoute = (needs: { readonly database: Knex; readonly publicUrl: string }) =>
  defineRoute({
    operationId: "listPayableResources",
    summary: "List what can be paid for by x402",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/.well-known/x402",
    aliases: ["/.well-known/x402.json"],
    auth: ["none"],
    rateLimit: "catalogue",
    query: z.object({ cursor: Cursor.optional() }),
    reply: { status: 200, schema: Reply },
    handler: async ({ query }) => {
      const page = await listAssets(needs, { ...EVERY, before: query.cursor ?? null, limit: PAGE });
      const open = page.items.filter(({ status }) => status !== "maintenance");
      const body: z.infer<typeof Reply> = {
        version: 1,
        x402Version: 2,
        resources: open.map(({ id }) => resourceUrl(needs, { assetId: id })),
        openapi: `${needs.publicUrl}/openapi.json`,
        instructions: INSTRUCTIONS,
        nextCursor: page.nextCursor,
      };
      return { status: 200 as const, body, headers: { "cache-control": "public, max-age=60" } };
    },
  });
