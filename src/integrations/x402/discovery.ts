import type { WireObject } from "./facilitator.ts";

const BODY = { type: "object", properties: { units: { type: "integer", minimum: 1 } } };
const INPUT = {
  type: "object",
  properties: {
    type: { type: "string", const: "http" },
    method: { type: "string", enum: ["POST"] },
    bodyType: { type: "string", enum: ["json"] },
    body: BODY,
  },
  required: ["type", "method", "bodyType", "body"],
};

/**
 * How the paid endpoint is called, for facilitators that keep a catalogue: a client echoes it, and the resource is found by others.
 * Source: the bazaar extension of x402 v2.
 */
export function offerDiscovery(): WireObject {
  const input = { type: "http", method: "POST", bodyType: "json", body: { units: 1 } };
  const output = { type: "json", example: { status: "granted", units: 1, expiresAt: "2026-01-01T00:01:00.000Z" } };
  const properties = { input: INPUT, output: { type: "object" } };
  return { bazaar: { info: { input, output }, schema: { type: "object", properties, required: ["input"] } } };
}
