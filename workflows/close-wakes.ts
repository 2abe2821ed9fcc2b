import { quick } from "./activity-proxies.ts";

/**
 * `close-wakes-<time>`, every night: takes out wakes of what ended a month ago, and forgets what was told and is over for 90 days. Answers
 * how many wakes went.
 */
export async function closeWakes(): Promise<number> {
  return quick.closeWakes();
}
