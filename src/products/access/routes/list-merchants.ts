import type { Knex } from "knex";
import { z } from "zod";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listMerchants } from "../merchants/list-merchants.ts";
import { MerchantMembers, OwnFeeMember, showMerchant } from "../merchants/merchant-view.ts";
import { Cursor, keptText, PageLimit, success } from "../schemas.ts";

/** A merchant as operators see it. */
export const MerchantRecord = z.object({ ...MerchantMembers, ...OwnFeeMember }).meta({ id: "MerchantRecord" });

const MerchantQuery = z.strictObject({
  active: z.enum(["true", "false"]).optional(),
  search: keptText({ minimum: 1, maximum: 128 })
    .optional()
    .meta({ description: "An id, a wallet, or part of a name." }),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

/** GET /admin/merchants [ADMIN_API_TOKEN]. Merchants, newest first. */
export const listMerchantsRoute = (needs: { readonly database: Knex; readonly x402Networks: readonly X402Network[] }) =>
  defineRoute({
    operationId: "listMerchants",
    summary: "List merchants",
    tags: ["merchants", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/merchants",
    aliases: ["/v1/admin/merchants"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: MerchantQuery,
    reply: { status: 200, schema: success(z.array(MerchantRecord), { nextCursor: z.string().nullable() }) },
    handler: async ({ query }) => {
      const { items, nextCursor } = await listMerchants(needs, {
        isActive: query.active === undefined ? null : query.active === "true",
        search: query.search ?? null,
        before: query.cursor ?? null,
        limit: query.limit,
      });
      const data = items.map((merchant) => ({
        ...showMerchant(needs.x402Networks, merchant),
        feeBasisPoints: merchant.feeBasisPoints,
      }));
      return { status: "success" as const, data, nextCursor, message: `${data.length} merchants.` };
    },
  });
