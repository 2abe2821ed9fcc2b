import { z } from "zod";
import { sharedPart } from "./shared-parts.ts";

const Reply = z.union([z.object({ path: z.string(), source: z.string() }), z.object({ missing: z.string() })]);

/** An outside program as the run found it, or why it cannot be had. */
export type TestTool = z.infer<typeof Reply>;

/** The programs the run can find or make, each once. */
export type TestToolName = "temporal" | "time-skipping-server" | "versitygw";

/** Asks the run for a program; it is found, downloaded or built at the first question. */
export function testTool(name: TestToolName): Promise<TestTool> {
  return sharedPart(name, Reply);
}
