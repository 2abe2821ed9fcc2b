import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readOperatorActions } from "../operators/read-operator-actions.ts";
import { ActionView, PageLimit } from "../operators/schemas.ts";
import { showAction } from "../operators/show-action.ts";
import { text } from "../schemas.ts";

const ActionsQuery = z.object({
  subject: text({ minimum: 1, maximum: 200 })
    .meta({ description: "A workflow id, such as purchase/pur_..." })
    .optional(),
  limit: PageLimit,
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,17}$/, "expected the next_cursor of the page before")
    .optional(),
});

const ActionsReply = z
  .object({ actions: z.array(ActionView), next_cursor: z.string().nullable() })
  .meta({ id: "OperatorActionPage" });

/** GET /admin/actions [ADMIN_API_TOKEN]. What operators did, newest first; nothing of it can be changed. */
export const listOperatorActionsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listOperatorActions",
    summary: "List what operators did",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/actions",
    aliases: ["/v1/admin/actions"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: ActionsQuery,
    reply: { status: 200, schema: ActionsReply },
    handler: async ({ query }) => {
      const { actions, nextCursor } = await readOperatorActions(needs, query);
      return { actions: actions.map(showAction), next_cursor: nextCursor };
    },
  });
