import { quick } from "./activity-proxies.ts";

/** `start-payouts-<time>`, every day: promises custodial merchants what they are owed; each payout is a workflow of its own. Answers how many. */
export async function startPayouts(): Promise<number> {
  return quick.startPayouts();
}
