import { describe, expect, it } from "vitest";
import { StorageUnavailable } from "../../../src/integrations/aws/errors.ts";
import { attempt, failedWith, storageFailure } from "../../../src/integrations/aws/service-failure.ts";

/** An error as the SDK throws it, with the signed request it carries along. */
function serviceError(name: string, httpStatusCode?: number): Error {
  const authorization = "AWS4-HMAC-SHA256 Credential=AKIAHUSH, Signature=hush";
  const request = { $metadata: { httpStatusCode }, $response: { headers: { authorization } } };
  return Object.assign(new Error("said the service"), { name }, request);
}

describe("storageFailure", () => {
  it.each([
    ["SlowDown", 503, "storage_unavailable"],
    ["InternalError", 500, "storage_unavailable"],
    ["ThrottlingException", 400, "storage_unavailable"],
    ["RequestTimeTooSkewed", 403, "storage_unavailable"],
    ["OperationAborted", 409, "storage_unavailable"],
    ["EntityTemporarilyUnmodifiable", 409, "storage_unavailable"],
    ["NoSuchBucket", 404, "storage_unavailable"],
    ["TimeoutError", undefined, "storage_unavailable"],
    ["TooManyRequests", 429, "storage_unavailable"],
    ["AccessDenied", 403, "access_denied"],
    ["InvalidClientTokenId", 403, "access_denied"],
    ["SignatureDoesNotMatch", 403, "access_denied"],
    ["Unknown", 401, "access_denied"],
    ["LimitExceeded", 409, "storage_request_refused"],
    ["MalformedPolicyDocument", 400, "storage_request_refused"],
  ])("%s (HTTP %s) is %s, and retryable exactly when its status is 5xx", (name, status, code) => {
    const failure = storageFailure(serviceError(name, status), "make a bucket");
    expect(failure.code).toBe(code);
    expect(failure.retryable).toBe(code === "storage_unavailable");
    expect(failure.retryable).toBe(failure.status >= 500);
  });

  it("names the step and the service's code, and carries no signed request into logs", () => {
    const failure = storageFailure(serviceError("AccessDenied", 403), "make a bucket");
    expect(failure.message).toBe("make a bucket: AccessDenied (HTTP 403)");
    const { cause } = failure;
    expect(Object.keys(cause instanceof Error ? cause : {})).toEqual([]);
    expect(String(cause)).toBe("Error: AccessDenied: said the service");
  });

  it("leaves a failure that is typed already as it is, and takes anything else thrown", () => {
    const typed = new StorageUnavailable({ detail: "the step before" });
    expect(storageFailure(typed, "make a bucket")).toBe(typed);
    expect(storageFailure("a string", "make a bucket").code).toBe("storage_unavailable");
    expect(storageFailure(undefined, "make a bucket").message).toBe("make a bucket: unknown failure");
  });
});

describe("attempt", () => {
  it("answers undefined only for the codes that mean there is nothing", async () => {
    const call = () => Promise.reject(serviceError("NoSuchEntity", 404));
    expect(await attempt("read a user", call, ["NoSuchEntity"])).toBeUndefined();
    await expect(attempt("read a user", call)).rejects.toMatchObject({ code: "storage_request_refused" });
  });
});

describe("failedWith", () => {
  it("goes by the code of the answer, not by the text", () => {
    expect(failedWith(serviceError("BucketAlreadyExists", 409), ["BucketAlreadyExists"])).toBe(true);
    expect(failedWith(serviceError("Conflict", 409), ["BucketAlreadyExists"])).toBe(false);
    expect(failedWith(Object.assign(new Error(""), { Code: "NoSuchTagSet" }), ["NoSuchTagSet"])).toBe(true);
    expect(failedWith("NoSuchTagSet", ["NoSuchTagSet"])).toBe(false);
  });
});
