import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { readCredentials } from "../credentials.ts";
import { PurchaseNotFound } from "../errors.ts";
import { PurchaseParams } from "../schemas.ts";

const CredentialsReply = z
  .object({
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    access_key_id: z.string(),
    secret_access_key: z.string(),
  })
  .meta({ id: "BucketCredentials" });

/** GET /purchase/:id/credentials [customer key]. What the customer's S3 client needs; never in a URL, never cached. */
export const getCredentialsRoute = (needs: { readonly database: Knex; readonly masterKey: MasterKey }) =>
  defineRoute({
    operationId: "getCredentials",
    summary: "Read the bucket's credentials",
    tags: ["purchases"],
    dialect: "string",
    method: "get",
    path: "/purchase/:id/credentials",
    aliases: ["/v1/purchase/:id/credentials"],
    auth: ["customerKey"],
    rateLimit: "customer",
    params: PurchaseParams,
    reply: { status: 200, schema: CredentialsReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["purchase_not_found", "purchase_terminated", "not_provisioned_yet"],
    handler: async ({ params, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const body = await readCredentials(needs, { purchaseId: params.id });
      return { status: 200 as const, body, headers: { "Cache-Control": "no-store" } };
    },
  });
