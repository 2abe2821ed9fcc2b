import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkflowHandle } from "@temporalio/client";
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Worker,
  type WorkflowBundleWithSourceMap,
} from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { PurchaseView } from "../../workflows/contracts.ts";
import { startDevServer, temporalMissing } from "../support/temporal.ts";
import { workflowBundle } from "../support/workflow-bundle.ts";
import type { Fakes } from "./workflow-stage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const OPEN_RUNS = process.env.TEST_FULL_SIZE === "1" ? 1_000 : 100;
const MIXED_RUNS = 4;
const LOOKS_PER_LIFE = 3;

let environment: Awaited<ReturnType<typeof startDevServer>>;
let changed: WorkflowBundleWithSourceMap;
// Two workers of one queue and one process need a connection each.
let secondConnection: NativeConnection;
beforeAll(async () => {
  if (temporalMissing !== undefined) return;
  environment = await startDevServer();
  secondConnection = await NativeConnection.connect({ address: environment.address });
  changed = await bundleChangedWorkflows();
}, 600_000);
afterAll(async () => {
  await secondConnection?.close();
  await environment?.teardown();
});

/** Tomorrow's workflows: the purchase waits a moment before each look, behind a patch as the rules of workflows/README.md ask. */
async function bundleChangedWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  const folder = join(inject("runDirectory"), `deploy-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "workflows"), join(folder, "workflows"), { recursive: true });
  for (const name of ["node_modules", "package.json"]) symlinkSync(join(root, name), join(folder, name));
  const file = join(folder, "workflows", "purchase-lifecycle.ts");
  const source = readFileSync(file, "utf8")
    .replace("import { condition } from", "import { condition, patched, sleep } from")
    .replace(
      "const seen = desk.wakes();",
      'const seen = desk.wakes();\n    if (patched("wait-before-the-look")) await sleep("5 milliseconds");',
    );
  if (!source.includes("wait-before-the-look")) throw new Error("the purchase workflow has no look to change");
  writeFileSync(file, source);
  const workflowsPath = join(folder, "workflows", "index.ts");
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger("ERROR") });
}

/** Counts the looks of each purchase; the last of `lives` looks ends it. */
function countLooks(lives: number) {
  const looks = new Map<string, number>();
  const advancePurchase: Fakes["advancePurchase"] = async ({ purchaseId }): Promise<PurchaseView> => {
    const count = (looks.get(purchaseId) ?? 0) + 1;
    looks.set(purchaseId, count);
    const isOver = count >= lives;
    return {
      status: isOver ? "terminated" : "active",
      next: isOver ? "done" : "wait",
      steps: [],
      deadline: null,
      details: "",
    };
  };
  return { looks, advancePurchase };
}

async function startRuns(taskQueue: string, count: number): Promise<readonly WorkflowHandle[]> {
  const start = (id: string) =>
    environment.client.workflow.start("purchase", { workflowId: `purchase/${id}`, taskQueue, args: [{ id }] });
  const handles: WorkflowHandle[] = [];
  for (let at = 0; at < count; at += 25) {
    const some = Array.from({ length: Math.min(25, count - at) }, (_, index) => start(`${taskQueue}-${at + index}`));
    handles.push(...(await Promise.all(some)));
  }
  return handles;
}

function openWorker(taskQueue: string, version: "today" | "tomorrow", fakes: Fakes, cached = 1_000): Promise<Worker> {
  return Promise.resolve(version === "tomorrow" ? changed : workflowBundle()).then((workflowBundle) =>
    Worker.create({
      connection: version === "tomorrow" ? secondConnection : environment.nativeConnection,
      taskQueue,
      workflowBundle,
      activities: fakes,
      maxCachedWorkflows: cached,
    }),
  );
}

async function failedTasks(handles: readonly WorkflowHandle[]): Promise<number> {
  const histories = await Promise.all(handles.map((handle) => handle.fetchHistory()));
  return histories
    .flatMap(({ events }) => events ?? [])
    .filter((event) => event.workflowTaskFailedEventAttributes != null).length;
}

describe.skipIf(temporalMissing !== undefined)("a deploy", () => {
  it(`T03: changed workflow code takes over ${OPEN_RUNS} open runs without failing a task`, async () => {
    const { looks, advancePurchase } = countLooks(Number.POSITIVE_INFINITY);
    const taskQueue = "deploy";
    let handles: readonly WorkflowHandle[] = [];
    const everyoneLooked = (times: number) =>
      expect
        .poll(() => [...looks.values()].filter((count) => count >= times).length, { timeout: 120_000 })
        .toBe(OPEN_RUNS);
    await (await openWorker(taskQueue, "today", { advancePurchase })).runUntil(async () => {
      handles = await startRuns(taskQueue, OPEN_RUNS);
      await everyoneLooked(1);
    });
    await (await openWorker(taskQueue, "tomorrow", { advancePurchase })).runUntil(async () => {
      for (const handle of handles) await handle.signal("wake", 1);
      await everyoneLooked(2);
    });
    expect(await failedTasks(handles.slice(0, 100))).toBe(0);
    await Promise.all(handles.map((handle) => handle.terminate()));
  }, 300_000);

  it("T08: with workers of both versions on one queue every run comes to its end, each look done once", async () => {
    const { looks, advancePurchase } = countLooks(LOOKS_PER_LIFE);
    const taskQueue = "mixed";
    const [old, young] = await Promise.all([
      openWorker(taskQueue, "today", { advancePurchase }, 0),
      openWorker(taskQueue, "tomorrow", { advancePurchase }, 0),
    ]);
    const both = (run: () => Promise<void>) => old.runUntil(() => young.runUntil(run));
    await both(async () => {
      const handles = await startRuns(taskQueue, MIXED_RUNS);
      for (let wake = 1; wake < LOOKS_PER_LIFE; wake += 1) {
        const looked = (): number => [...looks.values()].filter((count) => count >= wake).length;
        await expect.poll(looked, { timeout: 200_000 }).toBe(MIXED_RUNS);
        for (const handle of handles) await handle.signal("wake", wake);
      }
      const results = await Promise.all(handles.map((handle) => handle.result()));
      expect(new Set(results)).toEqual(new Set(["terminated"]));
    });
    expect(new Set(looks.values())).toEqual(new Set([LOOKS_PER_LIFE]));
  }, 300_000);
});
