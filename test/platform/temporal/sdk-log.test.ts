import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/platform/logger.ts";
import { openSdkLog } from "../../../src/platform/temporal/sdk-log.ts";

function opened(level: "trace" | "warn" = "trace") {
  const lines: unknown[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: openSdkLog(createLogger({ level, name: "worker", destination })) };
}

describe("Temporal's own log", () => {
  it("comes out as lines of ours, with what it knows of the workflow", () => {
    const { lines, log } = opened();
    log.info("Workflow started", { workflowId: "purchase/1", timestampNanos: 12n });
    expect(lines).toEqual([
      expect.objectContaining({ level: "info", msg: "Workflow started", workflowId: "purchase/1", name: "worker" }),
    ]);
    expect(lines[0]).not.toHaveProperty("timestampNanos");
  });

  it.each(["trace", "debug", "info", "warn", "error"] as const)("keeps the level %s", (level) => {
    const { lines, log } = opened();
    log[level]("said");
    expect(lines).toEqual([expect.objectContaining({ level, msg: "said" })]);
  });

  it("keeps the level of a core's line, and is silent below ours", () => {
    const { lines, log } = opened("warn");
    log.log("INFO", "chatter");
    log.log("WARN", "slow");
    expect(lines).toEqual([expect.objectContaining({ level: "warn", msg: "slow" })]);
  });

  it("shows an error's reason and none of the secrets it quotes", () => {
    const { lines, log } = opened();
    log.error("Activity failed", { error: new Error("cannot reach postgres://app:hunter2@db/tollkeeper") });
    expect(lines).toEqual([expect.objectContaining({ err: expect.objectContaining({ name: "Error" }) })]);
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });
});
