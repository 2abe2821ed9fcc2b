import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listInvoices } from "../fees/list-invoices.ts";
import { InvoicePage, InvoiceQuery } from "../fees/schemas.ts";
import { success } from "../schemas.ts";

/** GET /api/v1/merchant/invoices [merchant key]. What the merchant was invoiced for fees of direct sales, newest first. */
export const listMerchantInvoicesRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantInvoices",
    summary: "List a merchant's fee invoices",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/invoices",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: InvoiceQuery,
    reply: { status: 200, schema: success(InvoicePage, {}) },
    handler: async ({ query, principal }) => {
      const { status, cursor, limit } = query;
      const data = await listInvoices(needs, { merchantId: principal.merchantId, status, cursor, limit });
      return { status: "success" as const, data, message: "Invoices were found." };
    },
  });
