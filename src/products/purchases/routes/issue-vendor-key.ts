import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { showVendorKey } from "../billing-keys.ts";
import { PurchaseParams } from "../schemas.ts";

const VendorKeyReply = z
  .object({ purchase_id: z.string(), vendor_billing_api_key: z.string() })
  .meta({ id: "VendorKey" });

/** POST /admin/purchases/:id/vendor-key [ADMIN_API_TOKEN]. The key a metering server reports this purchase's usage with. */
export const issueVendorKeyRoute = (needs: { readonly database: Knex; readonly masterKey: MasterKey }) =>
  defineRoute({
    operationId: "issueVendorKey",
    summary: "Show the vendor key of a purchase",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/purchases/:id/vendor-key",
    aliases: ["/v1/admin/purchases/:id/vendor-key"],
    auth: ["adminToken"],
    rateLimit: "admin",
    params: PurchaseParams,
    reply: { status: 200, schema: VendorKeyReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["purchase_not_found"],
    handler: async ({ params }) => {
      const body = {
        purchase_id: params.id,
        vendor_billing_api_key: await showVendorKey(needs, { purchaseId: params.id }),
      };
      return { status: 200 as const, body, headers: { "Cache-Control": "no-store" } };
    },
  });
