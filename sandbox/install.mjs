import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone's own folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the process with a plain sentence when this Node.js cannot run the project (package.json: >=20.19 <25). */
export function requireSupportedNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const supported = (major === 20 && minor >= 19) || (major > 20 && major < 25);
  if (supported) return;
  console.error(
    `Tollkeeper needs Node.js 20.19 to 24; this is ${process.version}. Install one of those and run this again.`,
  );
  process.exit(1);
}

/**
 * Installs the locked dependencies when one of them is missing or has another version than package-lock.json says. Says so before it
 * begins and every ten seconds (on standard error when quiet); ends the process with npm's own output when npm fails.
 */
export async function ensureDependencies({ quiet = false } = {}) {
  const say = quiet ? console.error : console.log;
  if (dependenciesMatchLock()) return;
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  say("Installing dependencies with npm ci (about a minute the first time) ...");
  const heartbeat = setInterval(() => say(`  still installing (${seconds()})`), 10_000);
  const { code, output } = await runNpm(["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"]);
  clearInterval(heartbeat);
  if (code !== 0) {
    console.error(`${output}\nnpm ci failed (exit code ${code}). Its output is above.`);
    process.exit(1);
  }
  say(`Dependencies installed (${seconds()}).`);
}

/** Compares what npm noted in node_modules with the lock file; packages npm may leave out on this platform do not count. */
function dependenciesMatchLock() {
  const installedPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedPath)) return false;
  const read = (path) => JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  const installed = read(installedPath);
  return Object.entries(read(join(root, "package-lock.json"))).every(([folder, entry]) => {
    if (folder === "" || entry.optional || entry.peer || entry.devOptional) return true;
    return installed[folder]?.version === entry.version;
  });
}

function runNpm(args) {
  const npm = process.env.npm_execpath ?? "";
  const [command, first] = npm.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ code: 1, output: `npm could not be started: ${error.message}` }));
    child.on("close", (code) => resolve({ code, output }));
  });
}
