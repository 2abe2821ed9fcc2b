import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { suggestLists } from "../appstore/appstore.ts";
import { ReasonView, showReason } from "../appstore/appstore-view.ts";
import { AskerQuery, hintsQuery, readAsker } from "../appstore/asker-hints.ts";
import type { Vendor } from "../vendor.ts";

/** What the appstore's routes need. `countryHeader` is the lower-case name of the header a trusted proxy sets, if one does. */
export type AppstoreRouteNeeds = {
  readonly database: Knex;
  readonly vendor: Pick<Vendor, "publicUrl">;
  readonly countryHeader: string | null;
};

const SuggestReply = z
  .array(
    z.object({
      url: z.string(),
      list_id: z.string(),
      title: z.string(),
      description: z.string(),
      reason: ReasonView,
    }),
  )
  .meta({ id: "AppstoreSuggestions" });

/** GET /appstore/suggest. Links to the lists worth showing, best match first, each with why. Source: seed 000, "Routes". */
export const suggestAppstoreListsRoute = (needs: AppstoreRouteNeeds) =>
  defineRoute({
    operationId: "suggestAppstoreLists",
    summary: "Suggest lists of offers",
    tags: ["appstore"],
    dialect: "string",
    method: "get",
    path: "/appstore/suggest",
    aliases: ["/v1/appstore/suggest"],
    auth: ["none"],
    rateLimit: "checkout",
    query: AskerQuery,
    reply: { status: 200, schema: SuggestReply },
    handler: async ({ query, request }) => {
      const asker = readAsker(query, { headers: request.headers, countryHeader: needs.countryHeader });
      const hints = hintsQuery(query);
      const suggested = await suggestLists(needs, asker);
      return suggested.map(({ list, reason }) => ({
        url: `${needs.vendor.publicUrl}/appstore/list/${list.id}${hints}`,
        list_id: list.id,
        title: list.title,
        description: list.description,
        reason: showReason(reason),
      }));
    },
  });
