import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { invoiceView } from "../fees/invoice.ts";
import { readMerchantInvoice } from "../fees/read-invoice.ts";
import { InvoiceView } from "../fees/schemas.ts";
import { keptText, success } from "../schemas.ts";

/** GET /api/v1/merchant/invoices/:id [merchant key]. One invoice of the merchant's own; another's is not found. */
export const getMerchantInvoiceRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getMerchantInvoice",
    summary: "Read a fee invoice",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/invoices/:id",
    auth: ["merchantKey"],
    rateLimit: "api",
    params: z.object({ id: keptText({ minimum: 1, maximum: 64 }) }),
    reply: { status: 200, schema: success(InvoiceView, {}) },
    problems: ["invoice_not_found"],
    handler: async ({ params, principal }) => {
      const invoice = await readMerchantInvoice(needs, { id: params.id, merchantId: principal.merchantId });
      return { status: "success" as const, data: invoiceView(invoice), message: "The invoice was found." };
    },
  });
