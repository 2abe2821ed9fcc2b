import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PurchaseNotFound } from "../errors.ts";
import { awaitRotation, requestRotation } from "../request-rotation.ts";
import { PurchaseParams } from "../schemas.ts";
import type { Vendor } from "../vendor.ts";

const ROTATION_WAIT_MS = 5_000;
const LONGEST_OVERLAP = 604_800;

const RotateBody = z.object({
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(LONGEST_OVERLAP)
    .default(0)
    .meta({ description: "How long the former credentials go on working beside the new ones; 0 ends them at once." }),
});

const RotateReply = z
  .object({
    status: z.enum(["rotated", "rotating"]),
    message: z.string(),
    purchase_id: z.string(),
    generation: z.number().int(),
    overlap_seconds: z.number().int(),
    credentials_url: z.string(),
  })
  .meta({ id: "CredentialsRotation" });

/**
 * POST /purchase/:id/credentials/rotate [customer key]. New credentials for the bucket; `GET /purchase/:id/credentials` shows them. 200
 * when they are in place within five seconds, 202 while they are being made. No secret is in this answer.
 */
export const rotateCredentialsRoute = (needs: { readonly database: Knex; readonly vendor: Vendor }) =>
  defineRoute({
    operationId: "rotateCredentials",
    summary: "Replace the bucket's credentials",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/credentials/rotate",
    aliases: ["/v1/purchase/:id/credentials/rotate"],
    auth: ["customerKey"],
    rateLimit: "customer",
    idempotency: "stored",
    params: PurchaseParams,
    body: RotateBody,
    replies: [
      { status: 200, schema: RotateReply, description: "The new credentials are in place." },
      {
        status: 202,
        schema: RotateReply,
        description: "Being made; look at credentials_url.",
        headers: { "Retry-After": "Seconds to wait." },
      },
    ],
    problems: ["purchase_not_found", "purchase_terminated", "not_provisioned_yet"],
    handler: async ({ params, body, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const asked = { purchaseId: params.id, overlapSeconds: body.overlap_seconds };
      const { generation } = await requestRotation(needs, asked);
      const isMade = await awaitRotation(needs, { purchaseId: params.id, generation, waitMs: ROTATION_WAIT_MS });
      const reply = {
        purchase_id: params.id,
        generation,
        overlap_seconds: body.overlap_seconds,
        credentials_url: `${needs.vendor.publicUrl}/purchase/${params.id}/credentials`,
      };
      if (isMade) {
        const message = "The new credentials are in place.";
        return { status: 200 as const, body: { ...reply, status: "rotated" as const, message } };
      }
      const message = "The new credentials are being made; the former ones work until then.";
      const headers = { "Retry-After": "2" };
      return { status: 202 as const, headers, body: { ...reply, status: "rotating" as const, message } };
    },
  });
