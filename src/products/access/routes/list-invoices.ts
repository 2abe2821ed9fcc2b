import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listInvoices } from "../fees/list-invoices.ts";
import { InvoicePage, InvoiceQuery } from "../fees/schemas.ts";
import { keptText } from "../schemas.ts";

/** GET /admin/invoices [ADMIN_API_TOKEN]. Fee invoices of every merchant, newest first. */
export const listInvoicesRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listInvoices",
    summary: "List fee invoices",
    tags: ["access", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/invoices",
    aliases: ["/v1/admin/invoices"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: InvoiceQuery.extend({ merchantId: keptText({ minimum: 1, maximum: 200 }).optional() }),
    reply: { status: 200, schema: InvoicePage },
    handler: ({ query }) =>
      listInvoices(needs, {
        ...query,
        merchantId: query.merchantId ?? null,
        status: query.status,
        cursor: query.cursor,
      }),
  });
