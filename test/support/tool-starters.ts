import type { Progress } from "../../sandbox/parts/part.ts";
import { findTool } from "../../sandbox/parts/tool.ts";
import type { ToolDescription } from "../../sandbox/parts/tool-description.ts";
import { TEMPORAL_CLI, VERSITYGW } from "../../sandbox/parts/tools.ts";
import type { SharedPart } from "./parts-server.ts";
import { findTimeSkippingServer } from "./time-skipping-server.ts";
import type { TestTool, TestToolName } from "./tools.ts";

/** How each program of a run is found; one that cannot be had is an answer, not a failure: its tests are skipped and say why. */
export const toolStarters: Readonly<Record<TestToolName, (progress: Progress) => Promise<SharedPart>>> = {
  temporal: (progress) => shared(() => describedTool(TEMPORAL_CLI, progress)),
  versitygw: (progress) => shared(() => describedTool(VERSITYGW, progress)),
  "time-skipping-server": (progress) => shared(() => findTimeSkippingServer(progress)),
};

function describedTool(tool: ToolDescription, progress: Progress): Promise<TestTool> {
  return findTool(tool, progress);
}

async function shared(find: () => Promise<TestTool>): Promise<SharedPart> {
  const reply = await find().catch(
    (error: unknown): TestTool => ({ missing: error instanceof Error ? error.message : String(error) }),
  );
  return { reply, stop: async () => undefined };
}
