/** Where everything waits: workflows and short activities. */
export const MAIN_QUEUE = "tollkeeper";

/** Long activities with heartbeats, apart so that they never hold up a payment. */
export const BULK_QUEUE = "tollkeeper-bulk";
