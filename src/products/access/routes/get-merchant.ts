import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { FeeMember, MerchantMembers } from "../merchants/merchant-view.ts";
import { type MerchantViewNeeds, readMerchant } from "../merchants/read-merchant.ts";
import { success } from "../schemas.ts";

/** A merchant as it sees itself. */
export const OwnMerchant = success(z.object({ ...MerchantMembers, ...FeeMember }).meta({ id: "Merchant" }), {});

/** GET /api/v1/merchant [merchant key]. Who the key belongs to: wallets, fee, way of settlement. */
export const getMerchantRoute = (needs: MerchantViewNeeds) =>
  defineRoute({
    operationId: "getMerchant",
    summary: "Show the merchant",
    tags: ["merchants"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant",
    auth: ["merchantKey"],
    rateLimit: "api",
    reply: { status: 200, schema: OwnMerchant },
    problems: ["merchant_not_found"],
    handler: async ({ principal }) => ({
      status: "success" as const,
      data: await readMerchant(needs, principal),
      message: "This is your merchant account.",
    }),
  });
