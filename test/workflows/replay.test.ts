import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { historyFromJSON } from "@temporalio/common/lib/proto-utils.js";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { beforeAll, describe, expect, it } from "vitest";
import { RECORDED_WORKFLOWS } from "../histories/recorded-workflows.ts";

const folder = new URL("../histories/", import.meta.url);
const workflows = Object.keys(RECORDED_WORKFLOWS);
const histories = readdirSync(folder).filter((name) => name.endsWith(".json"));

let code: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  ({ code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  }));
});

it("keeps at least one recorded history of every workflow", () => {
  const files = [
    ...readFileSync(new URL("../../workflows/index.ts", import.meta.url), "utf8").matchAll(/"[.][/](.+)[.]ts"/g),
  ];
  expect(files.map(([, file]) => file).sort()).toEqual([...workflows].sort());
  for (const workflow of workflows) expect(histories.filter((name) => name.startsWith(workflow))).not.toEqual([]);
});

describe("today's code takes the same decisions as the code that ran", () => {
  it.each(histories)("%s", async (name) => {
    const history = historyFromJSON(JSON.parse(readFileSync(new URL(name, folder), "utf8")));
    await expect(Worker.runReplayHistory({ workflowBundle: { code } }, history)).resolves.toBeUndefined();
  });

  it("and a history of other decisions is found out", async () => {
    const foreign: unknown = JSON.parse(
      readFileSync(new URL("sweep-deposit.json", folder), "utf8").replaceAll('"sweepDeposit"', '"deliverNotice"'),
    );
    await expect(Worker.runReplayHistory({ workflowBundle: { code } }, historyFromJSON(foreign))).rejects.toThrow();
  });
});
