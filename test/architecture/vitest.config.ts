import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { closingLine } from "../support/closing-line.ts";

/** Runs every *.test.ts under test/, in processes of their own, with the shared parts of test/support behind them. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    // `npm run verify` proves its own guards, in copies of the tree; that takes a minute and needs nothing of ours.
    exclude: [...configDefaults.exclude, "test/architecture/planted.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    // Most tests wait for a server more than they compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A limit is there for what hangs, never for what is slow: two busy cores take three times as long as a machine of one's own.
    testTimeout: 180_000,
    // A wait ends as soon as it is true; a second, the default, is too short for a workflow's first task where all cores are busy.
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 300_000,
    teardownTimeout: 30_000,
    reporters: ["default", closingLine],
  },
});
