import { z } from "zod";
import { defineRoute } from "../define-route.ts";

/**
 * One part the server depends on. Without an `essential` one it takes no traffic (503); without another it degrades: what needs that
 * part fails, the rest works. `check` resolves when the part answers.
 */
export type Capability = { readonly name: string; readonly essential: boolean; check(): Promise<unknown> };

const CHECK_TIMEOUT_MS = 2_000;
const State = z.enum(["ok", "degraded", "unavailable"]);
const Readiness = z.object({ status: State, capabilities: z.record(z.string(), z.enum(["ok", "unavailable"])) });

/** GET /readyz. 200 with `ok` or `degraded`, 503 when an essential part is out; each part by name, never why it is out. */
export const getReadinessRoute = (needs: { readonly capabilities: readonly Capability[]; isDraining(): boolean }) =>
  defineRoute({
    operationId: "getReadiness",
    summary: "Which capabilities work now",
    tags: ["platform"],
    method: "get",
    path: "/readyz",
    auth: ["none"],
    replies: [
      { status: 200, schema: Readiness, description: "Ready, perhaps degraded." },
      { status: 503, schema: Readiness, description: "An essential part is out, or the server is shutting down." },
    ],
    handler: async () => {
      const states = await Promise.all(needs.capabilities.map(probe));
      const failed = needs.capabilities.filter((_capability, position) => states[position] === "unavailable");
      const isOut = needs.isDraining() || failed.some((capability) => capability.essential);
      const names = needs.capabilities.map((capability, position) => [capability.name, states[position]] as const);
      const capabilities = Object.fromEntries(names.map(([name, state]) => [name, state ?? "unavailable"]));
      if (isOut) return { status: 503 as const, body: { status: "unavailable" as const, capabilities } };
      const status = failed.length > 0 ? ("degraded" as const) : ("ok" as const);
      return { status: 200 as const, body: { status, capabilities } };
    },
  });

async function probe(capability: Capability): Promise<"ok" | "unavailable"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"unavailable">((resolve) => {
    timer = setTimeout(() => resolve("unavailable"), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([capability.check().then(() => "ok" as const), late]);
  } catch {
    return "unavailable";
  } finally {
    clearTimeout(timer);
  }
}
