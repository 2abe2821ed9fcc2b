import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureDependencies, requireSupportedNode, root } from "../sandbox/install.mjs";

// `npm test [-- what vitest takes]`: installs what is missing, runs the tests, ends with vitest's own exit code.
requireSupportedNode();
await ensureDependencies();
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const config = join("test", "architecture", "vitest.config.ts");
const child = spawn(process.execPath, [vitest, "run", "--config", config, ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// A terminal sends Ctrl-C to the child as well; a supervisor's SIGTERM reaches only us.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 130));
