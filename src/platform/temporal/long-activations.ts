import { setFlagsFromString } from "node:v8";

/** Enough to see where a promise was made; each frame more is looked up in the source map for every promise of every signal. */
const SANDBOX_STACK_FRAMES = 3;

/**
 * Worker options that let a workflow read a long history, such as thousands of signals that came while no worker ran. The SDK gives one
 * activation five seconds by the clock; on a busy machine that is little work, and cutting it off may end the whole process ("async hook
 * stack has become corrupted"). A minute is beyond what our bounded histories take. The SDK reads the option but leaves it out of its
 * types. Also shortens the stack traces of workflow sandboxes made from now on, which saves a third of a signal's processor time; our own
 * stack traces stay as long as they are.
 */
export function longActivations(): { readonly isolateExecutionTimeout: string } {
  setFlagsFromString(`--stack-trace-limit=${SANDBOX_STACK_FRAMES}`);
  return { isolateExecutionTimeout: "1 minute" };
}
