import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { readSandboxFile } from "../../sandbox/sandbox-file.ts";
import { RECORDED_WORKFLOWS } from "./recorded-workflows.ts";
import { scrubHistory } from "./scrub-history.ts";

const LOOKED_AT = 50;

/** A run to keep: the workflow it is of, the name of its file here, and its id where it is not to be looked for. */
type Wanted = { readonly file: string; readonly type: string; readonly workflowId?: string };

/**
 * Records histories from a running `npm start`, whose demo plays most of them: of the runs that are named, or else of each workflow that
 * has none yet. Of those it takes the longest of the last finished runs, of a workflow that never ends the running one, and of a nightly
 * one a run started now. What does not replay with today's code is not written, and nothing is written over.
 */
async function record(sandboxFolder: string, named: readonly string[]): Promise<boolean> {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  const { address, namespace } = readSandboxFile(sandboxFolder).temporal;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  });
  let isWhole = true;
  for (const wanted of named.length > 0 ? named.map(parseNamed) : unrecorded()) {
    const run = await findRun(client, wanted);
    if (run === undefined) {
      console.error(`${wanted.file}: no run of ${wanted.type} was found`);
      isWhole = false;
      continue;
    }
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const text = scrubHistory(historyToJSON(history));
    await Worker.runReplayHistory({ workflowBundle }, historyFromJSON(JSON.parse(text)), run.workflowId);
    writeFileSync(fileOf(wanted.file), text, { flag: "wx" });
    console.log(`${wanted.file}.json: ${run.workflowId}, ${history.events?.length ?? 0} events`);
  }
  await connection.close();
  return isWhole;
}

const fileOf = (name: string) => new URL(`${name}.json`, import.meta.url);

function unrecorded(): readonly Wanted[] {
  return Object.entries(RECORDED_WORKFLOWS)
    .map(([file, type]) => ({ file, type }))
    .filter(({ file }) => !existsSync(fileOf(file)));
}

/** `purchase-lifecycle-parked=purchase/pur_...`: the file's name begins with its workflow's, and goes on with what is special. */
function parseNamed(argument: string): Wanted {
  const [file = "", workflowId] = argument.split("=");
  const type = Object.entries(RECORDED_WORKFLOWS).find(([workflow]) => file.startsWith(workflow))?.[1];
  if (type === undefined || workflowId === undefined) throw new Error(`${argument}: expected <workflow>-<what>=<workflow id>`);
  return { file, type, workflowId };
}

async function findRun(client: Client, { file, type, workflowId }: Wanted) {
  const ofType = `WorkflowType="${type}"`;
  if (workflowId !== undefined) return longestRun(client, `${ofType} AND WorkflowId="${workflowId}"`);
  const finished = `${ofType} AND ExecutionStatus="Completed"`;
  return (
    (await longestRun(client, finished)) ??
    (await longestRun(client, `${ofType} AND ExecutionStatus="Running"`)) ??
    (await runOfSchedule(client, file, finished))
  );
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

const [folder = fileURLToPath(new URL("../../.tollkeeper", import.meta.url)), ...named] = process.argv.slice(2);
const isWhole = await record(folder, named);
process.exit(isWhole ? 0 : 1);
