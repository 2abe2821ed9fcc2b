import { searchAttributes } from "../../workflows/contracts.ts";

/**
 * What makes the development server quick enough to work with: it has one history shard and polls its queues 20 times a second by
 * default, so that each step of a workflow waits up to 50 ms and each timer up to a second. With these a step takes about 25 ms.
 */
export const DEV_SERVER_TUNING: readonly string[] = [
  "history.transferProcessorMaxPollRPS=2000",
  "history.timerProcessorMaxPollRPS=2000",
  "history.visibilityProcessorMaxPollRPS=2000",
  'history.timerProcessorMaxTimeShift="50ms"',
  "system.enableActivityEagerExecution=true",
  "matching.numTaskqueueReadPartitions=1",
  "matching.numTaskqueueWritePartitions=1",
].flatMap((setting) => ["--dynamic-config-value", setting]);

/** The search attributes as flags of `temporal server start-dev`; a workflow that sets one the server does not know cannot start. */
export const SEARCH_ATTRIBUTE_FLAGS: readonly string[] = Object.entries(searchAttributes).flatMap(([name, type]) => [
  "--search-attribute",
  `${name}=${type.charAt(0)}${type.slice(1).toLowerCase()}`,
]);
