import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readList } from "../appstore/appstore.ts";
import { ReasonView, showReason } from "../appstore/appstore-view.ts";
import { AskerQuery, readAsker } from "../appstore/asker-hints.ts";
import { priceLine } from "../offers.ts";
import { text } from "../schemas.ts";
import type { AppstoreRouteNeeds } from "./suggest-appstore-lists.ts";

const ListParams = z.object({ list_id: text({ minimum: 1, maximum: 64 }) });

const ListReply = z
  .object({
    list_id: z.string(),
    title: z.string(),
    description: z.string(),
    offers: z.array(
      z.object({
        id: z.string(),
        sku: z.string(),
        title: z.string(),
        description: z.string(),
        pricing: z.string(),
        url: z.string(),
        reason: ReasonView,
      }),
    ),
  })
  .meta({ id: "AppstoreList" });

/** GET /appstore/list/:list_id. One list and its offers, best match first; without hints in its own order. */
export const getAppstoreListRoute = (needs: AppstoreRouteNeeds) =>
  defineRoute({
    operationId: "getAppstoreList",
    summary: "Read a list of offers",
    tags: ["appstore"],
    dialect: "string",
    method: "get",
    path: "/appstore/list/:list_id",
    aliases: ["/v1/appstore/list/:list_id"],
    auth: ["none"],
    rateLimit: "checkout",
    params: ListParams,
    query: AskerQuery,
    reply: { status: 200, schema: ListReply },
    problems: ["appstore_list_not_found"],
    handler: async ({ params, query, request }) => {
      const asker = readAsker(query, { headers: request.headers, countryHeader: needs.countryHeader });
      const { list, offers } = await readList(needs, { listId: params.list_id, asker });
      return {
        list_id: list.id,
        title: list.title,
        description: list.description,
        offers: offers.map(({ offer, reason }) => ({
          id: offer.id,
          sku: offer.sku,
          title: offer.title,
          description: offer.description,
          pricing: priceLine(offer.terms),
          url: `${needs.vendor.publicUrl}/offer/${offer.id}`,
          reason: showReason(reason),
        })),
      };
    },
  });
