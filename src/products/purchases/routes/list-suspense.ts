import type { Knex } from "knex";
import { z } from "zod";
import type { Deposit } from "../../../integrations/chains/deposits/deposit-store.ts";
import { listSuspense } from "../../../integrations/chains/deposits/suspense.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PageLimit } from "../operators/schemas.ts";
import { text } from "../schemas.ts";

const SuspenseQuery = z.object({
  reason: text({ minimum: 1, maximum: 100 })
    .meta({ description: "One suspense account, such as wrong-token." })
    .optional(),
  limit: PageLimit,
  cursor: text({ minimum: 1, maximum: 120 }).optional(),
});

const SuspenseReply = z
  .object({
    deposits: z.array(
      z.object({
        id: z.string(),
        chain: z.string(),
        token: z.string(),
        transaction_hash: z.string(),
        amount_units: z.string(),
        kind: z.string(),
        reason: z.string().nullable(),
        account: z.string(),
        observed_at: z.string(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "SuspensePage" });

/**
 * GET /admin/suspense [ADMIN_API_TOKEN]. Deposits whose owner or purpose is not known, oldest first. Senders are left out: money goes
 * back by the repair `refund`, never to an address somebody copied from a list.
 */
export const listSuspenseRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listSuspense",
    summary: "List deposits in suspense",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/suspense",
    aliases: ["/v1/admin/suspense"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: SuspenseQuery,
    reply: { status: 200, schema: SuspenseReply },
    handler: async ({ query }) => {
      const { reason, ...page } = query;
      const { deposits, next } = await listSuspense(needs.database, {
        limit: page.limit,
        cursor: page.cursor ?? null,
        ...(reason === undefined ? {} : { reason }),
      });
      return { deposits: deposits.map(showSuspended), next_cursor: next };
    },
  });

function showSuspended(deposit: Deposit) {
  return {
    id: deposit.id,
    chain: deposit.chain,
    token: deposit.token,
    transaction_hash: deposit.transactionHash,
    amount_units: deposit.amountUnits.toString(),
    kind: deposit.kind,
    reason: deposit.waitingFor,
    account: deposit.account,
    observed_at: deposit.observedAt.toISOString(),
  };
}
