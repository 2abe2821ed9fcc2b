import { defineRoute } from "../../../platform/http/define-route.ts";
import type { FacilitatorRouteNeeds } from "../facilitator-route-needs.ts";
import { SupportedReply } from "../schemas.ts";

/** GET /supported. What this facilitator can settle now, and who pays the fees. */
export const getSupportedRoute = ({ facilitator, auth }: FacilitatorRouteNeeds) =>
  defineRoute({
    operationId: "getSupported",
    summary: "What can be settled here",
    tags: ["facilitator"],
    method: "get",
    path: "/supported",
    auth,
    rateLimit: "facilitator",
    reply: { status: 200, schema: SupportedReply },
    handler: () => {
      const { kinds, extensions, signers } = facilitator.supported();
      return {
        kinds: [...kinds],
        extensions: [...extensions],
        signers: Object.fromEntries(Object.entries(signers).map(([family, wallets]) => [family, [...wallets]])),
      };
    },
  });
