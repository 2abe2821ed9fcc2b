import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { inject } from "vitest";

/** The workflows as one file, made once per run: a worker of a bundle starts in a third of the time. */
export async function workflowBundle(): Promise<{ readonly codePath: string }> {
  const codePath = join(inject("runDirectory"), "workflow-bundle.js");
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  });
  // Two files may bundle at once; either result is whole.
  const draft = `${codePath}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, codePath);
  return { codePath };
}
