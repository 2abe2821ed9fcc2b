import { proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";

/** Database reads and decisions: short, retried for as long as it takes. */
export const quick = proxyActivities<Activities>({
  startToCloseTimeout: "15 seconds",
  retry: { initialInterval: "200 milliseconds", backoffCoefficient: 2, maximumInterval: "10 seconds" },
});

/** What asking the chain again does not change within minutes: shown at once instead of after ten minutes of asking. */
const SHOWN_AT_ONCE = ["gas_tank_empty", "deposit_forgotten", "deposit_address_short", "nonce_gap", "top_up_too_large"];

/** Calls to a chain: slower, and a node that is down for ten minutes parks the workflow where an operator sees it. */
export const chain = proxyActivities<Activities>({
  startToCloseTimeout: "1 minute",
  scheduleToCloseTimeout: "10 minutes",
  retry: {
    initialInterval: "1 second",
    backoffCoefficient: 2,
    maximumInterval: "30 seconds",
    nonRetryableErrorTypes: SHOWN_AT_ONCE,
  },
});

/** Calls to a storage or identity provider; parks after ten minutes of failures. */
export const upstream = proxyActivities<Activities>({
  startToCloseTimeout: "1 minute",
  scheduleToCloseTimeout: "10 minutes",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
});

/** Long work with heartbeats on its own queue, so that emptying a bucket never holds up a payment. */
export const bulk = proxyActivities<Activities>({
  taskQueue: "tollkeeper-bulk",
  startToCloseTimeout: "6 hours",
  heartbeatTimeout: "30 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "1 minute", maximumAttempts: 100 },
});

/** The endless look at a chain: one minute of scanning per call, resumed at once when its worker dies; ten minutes in vain are shown. */
export const watching = proxyActivities<Activities>({
  startToCloseTimeout: "3 minutes",
  scheduleToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "500 milliseconds", backoffCoefficient: 2, maximumInterval: "15 seconds" },
});

/** Deliveries to somebody else's server: retried with growing pauses for three days. */
export const delivery = proxyActivities<Activities>({
  startToCloseTimeout: "30 seconds",
  scheduleToCloseTimeout: "3 days",
  retry: { initialInterval: "2 seconds", backoffCoefficient: 2, maximumInterval: "1 hour" },
});

/** Asking a facilitator for a payment once more, which may take it a hundred seconds; a quarter of an hour without a database parks it. */
export const settling = proxyActivities<Activities>({
  startToCloseTimeout: "4 minutes",
  scheduleToCloseTimeout: "15 minutes",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
});

/** Repairs, whose sender waits for the answer: a database that is away for long is said to be away, and the repair may be sent again. */
export const repairs = proxyActivities<Activities>({
  startToCloseTimeout: "15 seconds",
  scheduleToCloseTimeout: "90 seconds",
  retry: { initialInterval: "200 milliseconds", backoffCoefficient: 2, maximumInterval: "5 seconds" },
});
