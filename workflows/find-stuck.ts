import { setCurrentDetails } from "@temporalio/workflow";
import { quick } from "./activity-proxies.ts";

/** `find-stuck-<time>`, every minute: writes down what stands still past its time and tells operators what is new. */
export async function findStuck(): Promise<string> {
  const summary = await quick.findStuck();
  setCurrentDetails(summary);
  return summary;
}
