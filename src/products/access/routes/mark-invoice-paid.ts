import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { invoiceView } from "../fees/invoice.ts";
import { markInvoicePaid, type PaidNeeds } from "../fees/mark-invoice-paid.ts";
import { InvoiceView } from "../fees/schemas.ts";
import { keptText } from "../schemas.ts";

const PaidBody = z.object({
  reference: keptText({ minimum: 1, maximum: 200 }).meta({
    description: "What paid it, such as a bank statement's line.",
  }),
  actor: RepairSignature.actor.default("operator"),
  note: RepairSignature.note.default(""),
});

/**
 * POST /admin/invoices/:id/paid [ADMIN_API_TOKEN]. A merchant paid its fees outside our books: booked and written down once, and answered
 * the same to the same reference ever after.
 */
export const markInvoicePaidRoute = (needs: PaidNeeds) =>
  defineRoute({
    operationId: "markInvoicePaid",
    summary: "Say that a fee invoice was paid",
    tags: ["access", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/invoices/:id/paid",
    aliases: ["/v1/admin/invoices/:id/paid"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: z.object({ id: keptText({ minimum: 1, maximum: 64 }) }),
    body: PaidBody,
    reply: { status: 200, schema: InvoiceView },
    problems: ["invoice_not_found", "invoice_already_paid"],
    handler: async ({ params, body }) => invoiceView(await markInvoicePaid(needs, { id: params.id, ...body })),
  });
