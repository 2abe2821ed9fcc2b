import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMirrors } from "./house-rules/mirrors.ts";
import { readTree } from "./house-rules/tree.ts";

/** One guard of the house: a tool with its arguments, run from the root of the repository. */
type Guard = { readonly name: string; readonly about: string; readonly command: readonly [string, ...string[]] };

/** What one guard said. `output` is the tool's own words, both streams together. */
type Verdict = { readonly name: string; readonly passed: boolean; readonly seconds: number; readonly output: string };

const root = fileURLToPath(new URL("../..", import.meta.url));
const halves = ["src", "workflows", "activities", "migrations"];
const folders = [...halves, "sandbox", "bench", "test"].filter((folder) => existsSync(`${root}${folder}`));
const source = [...halves, "sandbox", "bench"].filter((folder) => existsSync(`${root}${folder}`));

const eslint = [
  "--config",
  "test/architecture/eslint.config.js",
  "--no-error-on-unmatched-pattern",
  "--max-warnings=0",
];
const vitest = ["run", "--config", "test/architecture/guards.config.ts"];

const guards: readonly Guard[] = [
  { name: "types", about: "the compiler, strict", command: ["tsc", "--noEmit"] },
  {
    name: "style",
    about: "format, names, sizes, complexity",
    command: ["biome", "check", "--error-on-warnings", "--max-diagnostics=none", "."],
  },
  { name: "promises-and-docs", about: "promises, switches, docstrings", command: ["eslint", ...eslint, ...folders] },
  {
    name: "arrows",
    about: "who may import whom, cycles",
    command: ["depcruise", "--config", "test/architecture/import-rules.cjs", "--output-type", "err", ...folders],
  },
  {
    name: "dead-code",
    about: "unused files, exports and packages",
    command: ["knip", "--config", "test/architecture/knip.json", "--no-progress", "--no-config-hints"],
  },
  {
    name: "duplicates",
    about: "copies of 60 tokens, at most 1 %",
    command: ["jscpd", "--config", "test/architecture/jscpd.json", ...source],
  },
  {
    name: "house-rules",
    about: "layout, names, casts, SQL, OpenAPI",
    command: ["vitest", ...vitest, "layout", "openapi"],
  },
  { name: "planted", about: "each guard fires on a planted violation", command: ["vitest", ...vitest, "planted"] },
];

function run(guard: Guard): Promise<Verdict> {
  const started = performance.now();
  const [tool, ...args] = guard.command;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const conclude = (passed: boolean, output: string) =>
      resolve({ name: guard.name, passed, seconds: (performance.now() - started) / 1000, output });
    const child = spawn(`${root}node_modules/.bin/${tool}`, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => conclude(false, `${tool} does not start: ${error.message}. Run npm ci first.`));
    child.on("close", (code) => conclude(code === 0, Buffer.concat(chunks).toString("utf8").trim()));
  });
}

function say(verdict: Verdict): void {
  const mark = verdict.passed ? "ok  " : "FAIL";
  console.log(`${mark} ${verdict.name.padEnd(18)} ${verdict.seconds.toFixed(1).padStart(6)} s`);
  if (!verdict.passed) console.log(verdict.output.replace(/^/gm, "     "));
}

function help(): string {
  const lines = guards.map((guard) => `  ${guard.name.padEnd(18)} ${guard.about}`);
  return `npm run verify -- [--only NAME]... [--json]\n\nRuns every guard of the house, all of them even when one fails.\n\n${lines.join("\n")}\n`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(help());
    return 0;
  }
  const only = values.only ?? guards.map((guard) => guard.name);
  const unknown = only.filter((name) => !guards.some((guard) => guard.name === name));
  if (unknown.length > 0) {
    console.error(`No guard is called ${unknown.join(", ")}.\n\n${help()}`);
    return 2;
  }
  const verdicts: Verdict[] = [];
  for (const guard of guards.filter((candidate) => only.includes(candidate.name))) {
    const verdict = await run(guard);
    verdicts.push(verdict);
    if (!values.json) say(verdict);
  }
  if (!values.json && only.includes("house-rules")) console.log(describeMirrors(readTree(root)));
  const failed = verdicts.filter((verdict) => !verdict.passed).length;
  const passed = verdicts.length - failed;
  console.log(
    values.json ? JSON.stringify({ guards: verdicts, passed, failed }, null, 2) : `${passed} passed, ${failed} failed`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
