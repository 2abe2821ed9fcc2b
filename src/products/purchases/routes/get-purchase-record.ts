import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readPurchaseRecord } from "../operators/read-purchase.ts";
import { ActionView, Fact } from "../operators/schemas.ts";
import { PurchaseParams } from "../schemas.ts";

const RecordReply = z
  .object({
    purchase: z.object({
      id: z.string(),
      offer_id: z.string(),
      kind: z.string(),
      title: z.string(),
      status: z.string(),
      status_since: z.string(),
      grace_ends_at: z.string().nullable(),
      is_destruction_begun: z.boolean(),
      org_id: z.string().nullable(),
      org_host: z.string().nullable(),
      user_id: z.string().nullable(),
      email: z.string().nullable(),
      officex_purchase_id: z.string().nullable(),
      tracer: z.string(),
      created_at: z.string(),
      terminated_at: z.string().nullable(),
    }),
    balance: z.object({
      available: z.string(),
      held: z.string(),
      thresholds: z.array(z.object({ name: z.string(), level: z.string(), armed: z.boolean() })),
    }),
    deposits: z.array(Fact),
    sweeps: z.array(Fact),
    refunds: z.array(Fact),
    notices: z.array(Fact),
    wakes: z.array(Fact),
    stuck: z.array(Fact),
    actions: z.array(ActionView),
    workflows: z.array(z.string()),
  })
  .meta({ id: "PurchaseRecord" });

/** GET /admin/purchases/:id [ADMIN_API_TOKEN]. Everything an operator needs about one purchase; no secret and no address to copy. */
export const getPurchaseRecordRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getPurchaseRecord",
    summary: "Read everything about a purchase",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/purchases/:id",
    aliases: ["/v1/admin/purchases/:id"],
    auth: ["adminToken"],
    rateLimit: "admin",
    params: PurchaseParams,
    reply: { status: 200, schema: RecordReply },
    problems: ["purchase_not_found"],
    handler: ({ params }) => readPurchaseRecord(needs, { purchaseId: params.id }),
  });
