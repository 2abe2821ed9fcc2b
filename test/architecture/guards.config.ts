import { defineConfig } from "vitest/config";

/** Runs the house rules alone: no database, no Temporal, nothing to start. `npm test` has its own configuration. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/architecture/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters: ["default"],
  },
});
