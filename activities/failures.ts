import { CancelledFailure } from "@temporalio/activity";
import { ApplicationFailure, TemporalFailure } from "@temporalio/common";
import type { ActivityInboundCallsInterceptor } from "@temporalio/worker";
import { DomainError } from "../src/errors.ts";
import { redactText } from "../src/platform/logger.ts";

/**
 * Turns whatever an activity threw into what Temporal keeps: the same permanent code as HTTP, a public text, no internals. Failures
 * of the outside world (5xx codes) are retried; what no retry can change (4xx codes) fails at once and parks the workflow.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof TemporalFailure || error instanceof CancelledFailure) return error;
  if (error instanceof DomainError) {
    return ApplicationFailure.create({ message: error.message, type: error.code, nonRetryable: error.status < 500 });
  }
  const message = error instanceof Error ? redactText(error.message) : "an unknown failure";
  return ApplicationFailure.create({ message, type: "internal", nonRetryable: false });
}

/** Applies {@link toFailure} to every activity of a worker, once, so no activity repeats it. */
export const failureInterceptor: ActivityInboundCallsInterceptor = {
  execute: async (input, next) => {
    try {
      return await next(input);
    } catch (error) {
      throw toFailure(error);
    }
  },
};
