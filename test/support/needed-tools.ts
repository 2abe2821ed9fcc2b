import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestToolName } from "./tools.ts";

const TOOLS_OF_FILE: Readonly<Record<string, readonly TestToolName[]>> = {
  "test/support/temporal.ts": ["temporal", "time-skipping-server"],
  "test/support/s3.ts": ["versitygw"],
};

/**
 * The programs that these test files will ask for, by following their imports through test/: so that a build of minutes happens before
 * the first test and not inside one.
 */
export function neededTools(testFiles: readonly string[]): readonly TestToolName[] {
  const seen = new Set<string>();
  const queue = [...testFiles];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    queue.push(...importedTestFiles(file));
  }
  const tools = Object.entries(TOOLS_OF_FILE).filter(([suffix]) => [...seen].some((file) => file.endsWith(suffix)));
  return tools.flatMap(([, names]) => names);
}

function importedTestFiles(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const paths = [...text.matchAll(/from "(\.[^"]+\.ts)"/g)].map(([, path = ""]) => join(dirname(file), path));
  return paths.filter((path) => path.includes("/test/"));
}
