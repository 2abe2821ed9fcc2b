import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PurchaseNotFound } from "../errors.ts";
import type { PurchaseViewNeeds } from "../purchase-view.ts";
import { readPurchaseView } from "../purchase-view.ts";
import { DepositView, PurchaseParams } from "../schemas.ts";

const PurchaseReply = z
  .object({
    purchase: z.object({
      id: z.string(),
      offer_id: z.string(),
      kind: z.string(),
      title: z.string(),
      status: z.string(),
      status_since: z.string(),
      balance: z.string(),
      balance_nanodollars: z.string(),
      balance_low_trigger: z.string(),
      balance_critical_trigger: z.string(),
      balance_termination_trigger: z.string(),
      thresholds_crossed: z.array(z.string()),
      price_line: z.string(),
      access: z.string().meta({ description: "full, or read_only while the purchase is suspended." }),
      end_reason: z.string().nullable(),
      grace_ends_at: z.string().nullable(),
      officex_purchase_id: z.string().nullable(),
      created_at: z.string(),
      terminated_at: z.string().nullable(),
    }),
    checkout_wallet: z.object({
      address: z.string(),
      chain: z.string(),
      token: z.string(),
      token_address: z.string().nullable(),
      explorer_url: z.string().nullable(),
      deposits: z.array(DepositView),
    }),
    remainder: z
      .object({ status: z.string(), amount: z.string(), refunded: z.string(), kept: z.string() })
      .nullable()
      .meta({
        description: "What was left when the purchase ended: sent back, or kept because no refund could carry it.",
      }),
    officex: z.object({
      status: z.string().nullable().meta({ description: "What the buyer's OfficeX record last accepted." }),
      last_update: z.string().nullable(),
      last_outcome: z
        .string()
        .nullable()
        .meta({ description: "delivered, refused, host_not_allowed, unavailable, ..." }),
    }),
    resources: z.object({
      bucket: z.string().nullable(),
      endpoint: z.string().nullable(),
      region: z.string().nullable(),
    }),
  })
  .meta({ id: "Purchase" });

/** GET /purchase/:id [customer key]. The purchase, its balance and every deposit that came to its address. Source: seed 000, 9. */
export const getPurchaseRoute = (needs: PurchaseViewNeeds) =>
  defineRoute({
    operationId: "getPurchase",
    summary: "Read a purchase",
    tags: ["purchases"],
    dialect: "string",
    method: "get",
    path: "/purchase/:id",
    aliases: ["/v1/purchase/:id"],
    auth: ["customerKey"],
    rateLimit: "customer",
    params: PurchaseParams,
    reply: { status: 200, schema: PurchaseReply },
    problems: ["purchase_not_found"],
    handler: async ({ params, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      return readPurchaseView(needs, { purchaseId: params.id });
    },
  });
