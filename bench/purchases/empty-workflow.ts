import { proxyActivities } from "@temporalio/workflow";
import type { EmptyActivities } from "./empty-worker.ts";

const { doNothing } = proxyActivities<EmptyActivities>({ startToCloseTimeout: "1 minute" });

/** The cheapest workflow with so many activities, one after the other. */
export async function empty(activities: number): Promise<void> {
  for (let done = 0; done < activities; done += 1) await doNothing();
}
