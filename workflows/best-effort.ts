import { ActivityFailure, isCancellation } from "@temporalio/workflow";
import { quick } from "./activity-proxies.ts";

type Delivery = Parameters<typeof quick.giveUpDelivery>[0];

/**
 * Runs a delivery that nobody's money hangs on. Its retries go on for days; when they are used up it ends, written down in the delivery
 * log, instead of parking: a customer's dead server is not an operator's work.
 */
export async function bestEffort(input: Delivery, run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return quick.giveUpDelivery(input);
  }
}
