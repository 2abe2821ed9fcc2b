import { setTimeout as pause } from "node:timers/promises";
import type { Child } from "./child-process.ts";

/** Calls `check` until it succeeds. Fails at once when the child died, and after `withinMs` (60,000 when absent), with its last lines. */
export async function waitUntilAnswering(
  child: Child,
  check: () => Promise<unknown>,
  options: { readonly withinMs?: number } = {},
): Promise<void> {
  const withinMs = options.withinMs ?? 60_000;
  const deadline = Date.now() + withinMs;
  for (;;) {
    if (!child.isRunning()) throw new Error(`${child.name} stopped while starting:\n${child.lastLines()}`);
    const failure = await check().then(
      () => undefined,
      (error: unknown) => error ?? new Error("no answer"),
    );
    if (failure === undefined) return;
    if (Date.now() > deadline) {
      const seconds = Math.round(withinMs / 1000);
      throw new Error(`${child.name} did not answer within ${seconds} s:\n${child.lastLines()}`, { cause: failure });
    }
    await pause(50);
  }
}
