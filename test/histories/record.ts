import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { readSandboxFile } from "../../sandbox/sandbox-file.ts";
import { RECORDED_WORKFLOWS } from "./recorded-workflows.ts";
import { scrubHistory } from "./scrub-history.ts";

const LOOKED_AT = 50;

/**
 * Records one history of each workflow from a running `npm start`, whose demo plays them all: the longest of the last finished runs,
 * of a workflow that never ends the running one, and of a nightly one a run started now. What does not replay with today's code is not written.
 */
async function record(sandboxFolder: string): Promise<boolean> {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  const { address, namespace } = readSandboxFile(sandboxFolder).temporal;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  });
  let isWhole = true;
  for (const [file, type] of Object.entries(RECORDED_WORKFLOWS)) {
    const finished = `WorkflowType="${type}" AND ExecutionStatus="Completed"`;
    const run =
      (await longestRun(client, finished)) ??
      (await longestRun(client, `WorkflowType="${type}" AND ExecutionStatus="Running"`)) ??
      (await runOfSchedule(client, file, finished));
    if (run === undefined) {
      console.error(`${file}: no run of ${type} was found`);
      isWhole = false;
      continue;
    }
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const text = scrubHistory(historyToJSON(history));
    await Worker.runReplayHistory({ workflowBundle }, historyFromJSON(JSON.parse(text)), run.workflowId);
    writeFileSync(new URL(`${file}.json`, import.meta.url), text);
    console.log(`${file}.json: ${run.workflowId}, ${history.events?.length ?? 0} events`);
  }
  await connection.close();
  return isWhole;
}

async function longestRun(client: Client, query: string) {
  let longest: { readonly workflowId: string; readonly runId: string; readonly historyLength: number } | undefined;
  let looked = 0;
  for await (const run of client.workflow.list({ query })) {
    // The index does not know the length of a run that still goes on.
    if (longest === undefined || run.historyLength > longest.historyLength) longest = run;
    looked += 1;
    if (looked === LOOKED_AT) break;
  }
  return longest;
}

/** Starts what a schedule of this name would start in the night, and waits for its end. */
async function runOfSchedule(client: Client, schedule: string, finished: string) {
  await client.schedule
    .getHandle(schedule)
    .trigger()
    .catch(() => undefined);
  for (let tries = 0; tries < 30; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const run = await longestRun(client, finished);
    if (run !== undefined) return run;
  }
  return undefined;
}

const isWhole = await record(process.argv[2] ?? fileURLToPath(new URL("../../.tollkeeper", import.meta.url)));
process.exit(isWhole ? 0 : 1);
