import type { Route } from "../../../platform/http/define-route.ts";
import { getAccessStatusRoute } from "../routes/get-access-status.ts";
import { getSessionStatusRoute } from "../routes/get-session-status.ts";
import { listMerchantSessionsRoute } from "../routes/list-merchant-sessions.ts";
import { listSessionsRoute } from "../routes/list-sessions.ts";
import type { RecoverNeeds } from "../routes/recover-sessions.ts";
import { recoverSessionsRoute } from "../routes/recover-sessions.ts";
import { repairSessionRoute } from "../routes/repair-session.ts";
import { revokeSessionRoute } from "../routes/revoke-session.ts";
import { stopSessionRoute } from "../routes/stop-session.ts";
import type { StopNeeds } from "./stop-session.ts";

/** What the endpoints about sessions need. */
export type SessionRouteNeeds = StopNeeds & RecoverNeeds;

/** What holders, merchants and operators ask about sessions and do with them. */
export function sessionRoutes(needs: SessionRouteNeeds): readonly Route[] {
  return [
    getSessionStatusRoute(needs),
    getAccessStatusRoute(needs),
    stopSessionRoute(needs),
    recoverSessionsRoute(needs),
    listMerchantSessionsRoute(needs),
    revokeSessionRoute(needs),
    listSessionsRoute(needs),
    repairSessionRoute(needs),
  ];
}
