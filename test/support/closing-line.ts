import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Prints one plain line after vitest's summary, `12 passed, 0 failed, 1 skipped`, for whoever reads only the end. A file that broke
 * before its first test and an error outside every test count as one failure each.
 */
export const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      const failedBefore = count.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === "pending" ? "skipped" : state] += 1;
      }
      if (module.state() === "failed" && count.failed === failedBefore) count.failed += 1;
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  },
};
