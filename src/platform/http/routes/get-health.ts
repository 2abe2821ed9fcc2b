import { z } from "zod";
import type { Clock } from "../../clock.ts";
import { defineRoute } from "../define-route.ts";

const Health = z.object({ status: z.string(), service: z.string(), version: z.string(), timestamp: z.string() });

/** What names this server to its monitors. */
export type ServiceName = { readonly service: string; readonly version: string };

/**
 * GET /health and /api/health. The process answers HTTP; nothing else is looked at, as its callers (seeds 000, 001 and 004) restart what
 * does not answer. What it needs is under /readyz.
 */
export const getHealthRoute = (needs: { readonly clock: Clock; readonly name: ServiceName }) =>
  defineRoute({
    operationId: "getHealth",
    summary: "Whether the process answers",
    tags: ["platform"],
    method: "get",
    path: "/health",
    aliases: ["/api/health"],
    auth: ["none"],
    reply: { status: 200, schema: Health },
    handler: () => ({ status: "ok", ...needs.name, timestamp: new Date(needs.clock.now()).toISOString() }),
  });

/** GET /livez. As /health, in the form Kubernetes probes expect. */
export const getLivenessRoute = () =>
  defineRoute({
    operationId: "getLiveness",
    summary: "Liveness probe",
    tags: ["platform"],
    method: "get",
    path: "/livez",
    auth: ["none"],
    reply: { status: 200, contentType: "text/plain; charset=utf-8" },
    handler: () => "ok\n",
  });
