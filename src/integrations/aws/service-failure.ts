import { StorageAccessDenied, StorageError, StorageRequestRefused, StorageUnavailable } from "./errors.ts";

/** What a failed call said: the service's own error code (or the system's) and the HTTP status when an answer arrived. */
type ServiceFailure = { readonly code: string; readonly status: number | undefined };

const DENIED = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "AuthFailure",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "UnrecognizedClient",
]);

/** Answers that pass by themselves: rate limits, clocks, replication lag, and concurrent changes of the same bucket or user. */
const PASSING = new Set([
  "ConcurrentModification",
  "EntityTemporarilyUnmodifiable",
  "OperationAborted",
  "RequestLimitExceeded",
  "RequestTimeTooSkewed",
  "RequestTimeout",
  "ServiceFailure",
  "SlowDown",
  "Throttling",
  "TooManyRequests",
]);

/** Reads an SDK error without trusting its shape: code is "" when there is none, status undefined when nothing answered. */
function readServiceFailure(error: unknown): ServiceFailure {
  if (!(error instanceof Error)) return { code: "", status: undefined };
  const metadata: unknown = "$metadata" in error ? error.$metadata : undefined;
  const status = hasStatus(metadata) ? metadata.httpStatusCode : undefined;
  const code = "Code" in error && typeof error.Code === "string" ? error.Code : error.name;
  // The SDK appends "Exception" to the errors it has a class for; the service itself does not.
  return { code: code.replace(/Exception$/, ""), status };
}

/** True when the service's own error code is one of `codes`. */
export function failedWith(error: unknown, codes: readonly string[]): boolean {
  return codes.includes(readServiceFailure(error).code);
}

/**
 * Turns whatever a call to the store threw into one of our typed failures. `action` names the step in plain words; it and the
 * service's error code are all that reaches the message, so neither keys nor signed URLs can leak through it.
 */
export function storageFailure(error: unknown, action: string): StorageError {
  if (error instanceof StorageError) return error;
  const failure = readServiceFailure(error);
  const detail = `${action}: ${failure.code || "unknown failure"}${failure.status ? ` (HTTP ${failure.status})` : ""}`;
  return typedFailure(failure, { detail, cause: withoutRequest(error, failure) });
}

/** Runs one call to the store; what it throws comes out typed. Codes listed in `tolerate` mean "nothing there": undefined. */
export async function attempt<T>(
  action: string,
  call: () => Promise<T>,
  tolerate: readonly string[] = [],
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (failedWith(error, tolerate)) return undefined;
    throw storageFailure(error, action);
  }
}

function typedFailure(
  failure: ServiceFailure,
  init: { readonly detail: string; readonly cause: unknown },
): StorageError {
  const { code, status } = failure;
  if (PASSING.has(code) || status === undefined || status >= 500 || status === 429) return new StorageUnavailable(init);
  // A vanished bucket right after its creation is replication lag: the step that made it runs again and settles it.
  if (code === "NoSuchBucket") return new StorageUnavailable(init);
  if (DENIED.has(code) || status === 401 || status === 403) return new StorageAccessDenied(init);
  return new StorageRequestRefused(init);
}

/** What the service said, without the SDK's copy of the signed request and its headers: causes end up in logs. */
function withoutRequest(error: unknown, failure: ServiceFailure): Error {
  return new Error(`${failure.code}: ${error instanceof Error ? error.message : "no message"}`);
}

function hasStatus(metadata: unknown): metadata is { readonly httpStatusCode: number } {
  return (
    typeof metadata === "object" &&
    metadata !== null &&
    "httpStatusCode" in metadata &&
    typeof metadata.httpStatusCode === "number"
  );
}
