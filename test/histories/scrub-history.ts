import { z } from "zod";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const Json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(Json), z.record(z.string(), Json)]),
);
const History = z.looseObject({ events: z.array(z.record(z.string(), Json)) });

/** What names a machine or a build, and no replay reads. */
const NAMES_A_MACHINE = new Set(["identity", "binaryChecksum", "buildId", "stackTrace", "hostName"]);
/** A worker's own queue is named after its process and host: `4711@host-...`. */
const OWN_QUEUE = /^\d+@.+/;

/**
 * A history as committed: nothing of who ran it and where, one event per line, so that a difference can be read. `json` is what
 * `historyToJSON` gives.
 */
export function scrubHistory(json: string): string {
  const { events } = History.parse(JSON.parse(json));
  const lines = events.map((event) => JSON.stringify(scrub(event)));
  return `{"events": [\n${lines.join(",\n")}\n]}\n`;
}

function scrub(value: Json): Json {
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value === "string") return OWN_QUEUE.test(value) ? "own-queue" : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !NAMES_A_MACHINE.has(name))
      .map(([name, member]) => [name, scrub(member)]),
  );
}
