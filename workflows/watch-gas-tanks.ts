import { setCurrentDetails } from "@temporalio/workflow";
import { chain } from "./activity-proxies.ts";

/** `watch-gas-tanks-<time>`, every minute: reads what is left for sweeps on each chain and tells operators once when it runs low. */
export async function watchGasTanks(): Promise<string> {
  const summary = await chain.watchGasTanks();
  setCurrentDetails(summary);
  return summary;
}
