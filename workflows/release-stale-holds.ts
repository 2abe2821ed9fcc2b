import { quick } from "./activity-proxies.ts";

/** `release-stale-holds-<time>`, every five minutes: frees holds whose time has come. Answers how many. */
export async function releaseStaleHolds(): Promise<number> {
  return quick.expireHolds();
}
