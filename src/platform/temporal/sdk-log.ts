import type { LogMetadata, Logger as SdkLogger } from "@temporalio/common";
import type { Logger } from "../logger.ts";

const LEVELS = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;

/**
 * Temporal's own log as lines of ours: same shape, same level, same redaction. Its error becomes `err`; its nanosecond stamps go,
 * since every line has a time.
 */
export function openSdkLog(logger: Logger): SdkLogger {
  const write = (level: keyof typeof LEVELS, message: string, meta: LogMetadata = {}): void => {
    const { error, timestampNanos: _stamp, ...rest } = meta;
    logger[LEVELS[level]](error === undefined ? rest : { ...rest, err: error }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write("TRACE", message, meta),
    debug: (message, meta) => write("DEBUG", message, meta),
    info: (message, meta) => write("INFO", message, meta),
    warn: (message, meta) => write("WARN", message, meta),
    error: (message, meta) => write("ERROR", message, meta),
  };
}
