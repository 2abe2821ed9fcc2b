import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestToolName } from "./tools.ts";

// Files that get their program by themselves rather than by asking the run.
const TOOL_OF_FILE: Readonly<Record<string, TestToolName>> = {
  "/sandbox/parts/temporal.ts": "temporal",
  "/sandbox/parts/s3.ts": "versitygw",
};

/**
 * The programs that these test files will ask for, by following their imports through test/ and sandbox/: so that a build of minutes
 * happens before the first test and not inside one.
 */
export function neededTools(testFiles: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const tools = new Set<string>();
  const queue = [...testFiles];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    for (const tool of toolsOf(file, text)) tools.add(tool);
    queue.push(...importedFiles(file, text));
  }
  return [...tools];
}

function toolsOf(file: string, text: string): readonly string[] {
  const asked = [...text.matchAll(/testTool\("([a-z-]+)"\)/g)].map(([, name = ""]) => name);
  const own = Object.entries(TOOL_OF_FILE).filter(([suffix]) => file.endsWith(suffix));
  return [...asked, ...own.map(([, name]) => name)];
}

function importedFiles(file: string, text: string): readonly string[] {
  // A type brings no code with it.
  const imports = [...text.matchAll(/^import (?!type\b)[^;]*?from "(\.[^"]+\.ts)"/gm)];
  const paths = imports.map(([, path = ""]) => join(dirname(file), path));
  return paths.filter((path) => /\/(test|sandbox)\//.test(path));
}
