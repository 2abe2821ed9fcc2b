import type { OwnFacilitator } from "../../integrations/x402/own-facilitator/own-facilitator.ts";
import type { SchemeName } from "../../platform/http/authenticate.ts";

/** What the endpoints need. `auth` is the token's scheme, or nobody's where none is configured (never in production). */
export type FacilitatorRouteNeeds = { readonly facilitator: OwnFacilitator; readonly auth: readonly SchemeName[] };
