import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";

/**
 * Helmet's headers as name and value pairs, computed once: they never vary. The policy fits an API (nothing may load or frame an
 * answer); a page's route overrides `content-security-policy` by its own reply headers. What only Internet Explorer, Flash or a
 * page's own scripts would read is left out: every answer would carry it for nobody. No answer is kept by a cache unless its route says
 * so: caches do not know that a key in `x-api-key` or a signature in `SIGN-IN-WITH-X` makes an answer somebody's own.
 */
export function securityHeaders(): readonly (readonly [string, string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const protect = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: "cross-origin" },
    referrerPolicy: { policy: "no-referrer" },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  protect(request, response, (failure?: unknown) => {
    if (failure !== undefined) throw new Error("Helmet refused its own options.", { cause: failure });
  });
  const protecting = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  return [...protecting, ["cache-control", "no-store"]];
}
