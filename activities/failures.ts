import { CancelledFailure } from "@temporalio/activity";
import { ApplicationFailure, TemporalFailure } from "@temporalio/common";
import type { ActivityInboundCallsInterceptor } from "@temporalio/worker";
import { DomainError } from "../src/errors.ts";
import type { Logger } from "../src/platform/logger.ts";
import { redactText } from "../src/platform/logger.ts";

/** 4xx codes that time alone may change: timeout, too early, too many requests. */
const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([408, 425, 429]);
const LONGEST_PAUSE_SECONDS = 86_400;

/**
 * Turns whatever an activity threw into what Temporal keeps: the same permanent code as HTTP, a public text, no internals. Failures
 * of the outside world (5xx codes, 408, 425 and 429) are retried, after the pause in a public `retry_after_seconds` if it has one;
 * what no retry can change (other 4xx codes) fails at once and parks the workflow.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof TemporalFailure || error instanceof CancelledFailure) return error;
  if (error instanceof DomainError) {
    const nonRetryable = error.status < 500 && !WORTH_ANOTHER_TRY.has(error.status);
    const pauseSeconds = readPause(error);
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable,
      ...(pauseSeconds === undefined ? {} : { nextRetryDelay: pauseSeconds * 1000 }),
    });
  }
  const message = error instanceof Error ? redactText(error.message) : "an unknown failure";
  return ApplicationFailure.create({ message, type: "internal", nonRetryable: false });
}

function readPause(error: DomainError): number | undefined {
  const { retry_after_seconds: seconds } = error.members;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(seconds, LONGEST_PAUSE_SECONDS);
}

/**
 * Applies {@link toFailure} to every activity of a worker, once, so no activity repeats it. What was not expected goes to the log with
 * its stack, since Temporal keeps none of it.
 */
export function failureInterceptor(needs: { readonly logger: Pick<Logger, "error"> }): ActivityInboundCallsInterceptor {
  return {
    execute: async (input, next) => {
      try {
        return await next(input);
      } catch (error) {
        if (!isExpected(error))
          needs.logger.error({ err: error }, "an activity failed unexpectedly; it is tried again");
        throw toFailure(error);
      }
    },
  };
}

function isExpected(error: unknown): boolean {
  return error instanceof DomainError || error instanceof TemporalFailure || error instanceof CancelledFailure;
}
