import { watching } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

const LOOKS_PER_RUN = 200;

/**
 * `watch-chain/<chain>`: looks at a chain for ever, a minute of scanning per activity, and starts a fresh run now and then so its
 * history stays short. The cursor is in Postgres: a killed watcher goes on where the last commit left it. A chain that cannot be
 * read is shown to operators and asked again every fifteen seconds, so no deposit waits long once it is back.
 */
export async function watchChain(input: EntityInput): Promise<void> {
  const desk = openDesk(input, { chain: input.id });
  for (let look = 0; look < LOOKS_PER_RUN; look += 1) {
    const report = await desk.insist(`watch ${input.id}`, () => watching.watchChain({ chain: input.id }), "15 seconds");
    desk.show({ status: "watching", details: report.details, deadline: null });
  }
  await desk.renew();
}
