import { join } from "node:path";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { DefaultLogger, Runtime } from "@temporalio/worker";
import { inject } from "vitest";
import { DEV_SERVER_TUNING, SEARCH_ATTRIBUTE_FLAGS } from "../../sandbox/parts/temporal-settings.ts";
import { searchAttributes } from "../../workflows/contracts.ts";
import { writeGuardedProgram } from "./guarded-program.ts";
import { type TestTool, testTool } from "./tools.ts";

// The core's log is for a person who looks for a failure, not for every run. Installed before any connection is made.
Runtime.install({ logger: new DefaultLogger("ERROR") });

/** Why no workflow test can run here, or undefined when they can. For `describe.skipIf(temporalMissing)`. */
export const temporalMissing: string | undefined = missing(await testTool("temporal"));

if (temporalMissing !== undefined) console.log(`Workflow tests are skipped: ${temporalMissing}`);

const START_TRIES = 20;

/** What Temporal's numbers for search attribute types mean (temporal.api.enums.v1.IndexedValueType). */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, BOOL: 5, DATETIME: 6 } as const;

/**
 * A server whose clock jumps over waiting, where a JVM and Maven exist; else the development server, whose clock does not, and a line
 * that says so: ask `environment.supportsTimeSkipping`. Await one workflow at a time, and call `teardown` at the end.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const server = await testTool("time-skipping-server");
  if ("missing" in server) {
    console.log(
      `No time-skipping Temporal server (${server.missing}): the development server stands in, in real time.`,
    );
    return startDevServer();
  }
  const java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", `${server.path}/*`];
  const path = writeGuardedProgram({
    folder: join(inject("runDirectory"), "programs"),
    name: `time-skipping-server-${process.pid}`,
    command: [...java, "io.temporal.testserver.TestServer"],
  });
  const environment = await startPatiently(() =>
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: "existing-path", path } } }),
  );
  const types = Object.entries(searchAttributes).map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]);
  await environment.connection.operatorService.addSearchAttributes({
    namespace: "default",
    searchAttributes: Object.fromEntries(types),
  });
  return environment;
}

/**
 * A real server of one test file's own, in memory, tuned as `npm start` does, with the search attributes and `settings` of its dynamic
 * configuration (`name=value`). Call `teardown` at the end.
 */
export async function startDevServer(settings: readonly string[] = []): Promise<TestWorkflowEnvironment> {
  const tool = await testTool("temporal");
  if ("missing" in tool) throw new Error(tool.missing);
  const path = writeGuardedProgram({
    folder: join(inject("runDirectory"), "programs"),
    name: `temporal-${process.pid}`,
    command: [tool.path],
  });
  const extraArgs = [
    ...DEV_SERVER_TUNING,
    ...SEARCH_ATTRIBUTE_FLAGS,
    ...settings.flatMap((setting) => ["--dynamic-config-value", setting]),
  ];
  return startPatiently(() =>
    TestWorkflowEnvironment.createLocal({ server: { executable: { type: "existing-path", path }, extraArgs } }),
  );
}

/** The SDK gives a server five seconds to listen and ends it then; where all cores are busy a JVM needs longer, so it is started again. */
async function startPatiently(start: () => Promise<TestWorkflowEnvironment>): Promise<TestWorkflowEnvironment> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      const isSlow = error instanceof Error && error.message.includes("did not start within");
      if (!isSlow || tries === START_TRIES) throw error;
    }
  }
}

function missing(tool: TestTool): string | undefined {
  return "missing" in tool ? tool.missing : undefined;
}
