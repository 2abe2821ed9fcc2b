import { quick } from "./activity-proxies.ts";

/** `close-wakes-<time>`, every night: takes out wakes of what ended a month ago. Answers how many. */
export async function closeWakes(): Promise<number> {
  return quick.closeWakes();
}
