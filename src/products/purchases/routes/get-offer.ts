import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readOffer } from "../offer-catalogue.ts";
import { OfferTerms } from "../offers.ts";
import { OfferParams } from "../schemas.ts";

const OfferReply = z
  .object({
    id: z.string(),
    sku: z.string(),
    kind: z.string(),
    checkout_flow_id: z.string(),
    title: z.string(),
    description: z.string(),
    metadata: OfferTerms,
  })
  .meta({ id: "Offer" });

/** GET /offer/:offer_id. What is sold, at which prices, paid with what. Source: seed 000, "Routes". */
export const getOfferRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getOffer",
    summary: "Read an offer",
    tags: ["purchases"],
    dialect: "string",
    method: "get",
    path: "/offer/:offer_id",
    aliases: ["/v1/offer/:offer_id"],
    auth: ["none"],
    params: OfferParams,
    reply: { status: 200, schema: OfferReply },
    problems: ["offer_not_found"],
    handler: async ({ params }) => {
      const { terms, ...rest } = await readOffer(needs, { id: params.offer_id });
      return { ...rest, metadata: terms };
    },
  });
