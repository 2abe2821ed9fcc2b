import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of a planted tree by path. */
export type Files = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL("../../..", import.meta.url));
const guardFiles = ["package.json", "tsconfig.json", ".biome.json", ".gitignore", "test/architecture"];

/** A git work tree of its own: the guards of this repository, its packages, and the given files. Remove it after use. */
export function plantTree(files: Files): { readonly root: string; readonly remove: () => void } {
  const planted = mkdtempSync(join(tmpdir(), "tollkeeper-planted-"));
  for (const path of guardFiles) cpSync(join(root, path), join(planted, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(planted, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), text);
  }
  execFileSync("git", ["init", "--quiet"], { cwd: planted });
  return { root: planted, remove: () => rmSync(planted, { recursive: true, force: true }) };
}

/** Runs guards by name in a planted tree and answers what each one said. */
export function runGuards(
  plantedRoot: string,
  names: readonly string[],
): ReadonlyMap<string, { passed: boolean; output: string }> {
  const flags = names.flatMap((name) => ["--only", name]);
  const text = execGuards(plantedRoot, flags);
  const report: { guards: readonly { name: string; passed: boolean; output: string }[] } = JSON.parse(text);
  return new Map(report.guards.map((guard) => [guard.name, guard]));
}

function execGuards(plantedRoot: string, flags: readonly string[]): string {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const args = [tsx, "test/architecture/verify.ts", "--json", ...flags];
  try {
    return execFileSync(process.execPath, args, { cwd: plantedRoot, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string" && error.stdout !== "")
      return error.stdout;
    throw error;
  }
}
