import { CancelledFailure } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { describe, expect, it } from "vitest";
import { failureInterceptor, toFailure } from "../../activities/failures.ts";
import { DomainError } from "../../src/errors.ts";

const failing = (status: number, members = {}) =>
  new DomainError({ code: "some_code", status, title: "Title", detail: "What the caller may know.", members });

describe("a domain failure", () => {
  it.each([500, 502, 503, 408, 425, 429])("of status %i is worth another try", (status) => {
    expect(toFailure(failing(status))).toMatchObject({ type: "some_code", nonRetryable: false });
  });

  it.each([400, 401, 404, 409, 410, 422])("of status %i fails at once, so that somebody looks", (status) => {
    expect(toFailure(failing(status))).toMatchObject({ type: "some_code", nonRetryable: true });
  });

  it("keeps its code and its public text, and nothing of its cause", () => {
    const cause = new Error("postgres://app:hunter2@db is away");
    const error = new DomainError({ code: "upstream_away", status: 503, title: "T", detail: "Try later.", cause });
    const failure = toFailure(error);
    expect(failure).toMatchObject({ message: "Try later.", type: "upstream_away" });
    expect(`${failure.message}${failure.stack}${JSON.stringify(failure)}`).not.toContain("hunter2");
  });

  it("is tried again when it says so, a day later at most", () => {
    expect(toFailure(failing(503, { retry_after_seconds: 5 }))).toMatchObject({ nextRetryDelay: 5_000 });
    expect(toFailure(failing(429, { retry_after_seconds: 1e9 }))).toMatchObject({ nextRetryDelay: 86_400_000 });
  });

  it.each(["5", 0, -1, Number.NaN])("with the unusable pause %j follows the usual retries", (pause) => {
    expect(toFailure(failing(503, { retry_after_seconds: pause }))).toMatchObject({ nextRetryDelay: undefined });
  });
});

describe("anything else", () => {
  it("is retried under the code `internal`, with secrets taken out of its text", () => {
    const failure = toFailure(new Error("cannot log in as postgres://app:hunter2@db/tollkeeper"));
    expect(failure).toMatchObject({ type: "internal", nonRetryable: false });
    expect(failure.message).not.toContain("hunter2");
  });

  it.each(["a text", null, undefined, 42, { message: "no error" }])(
    "that is thrown, even %j, is a failure",
    (thrown) => {
      expect(toFailure(thrown)).toMatchObject({ message: "an unknown failure", type: "internal" });
    },
  );

  it("that Temporal understands already stays what it is", () => {
    const failure = ApplicationFailure.nonRetryable("as it is", "its_type");
    const cancelled = new CancelledFailure("stop");
    expect(toFailure(failure)).toBe(failure);
    expect(toFailure(cancelled)).toBe(cancelled);
  });
});

describe("every activity of a worker", () => {
  const lines: object[] = [];
  const intercept = failureInterceptor({ logger: { error: (entry: object) => void lines.push(entry) } });
  const run = (body: () => Promise<unknown>) =>
    new MockActivityEnvironment(
      {},
      { logger: new DefaultLogger("ERROR"), interceptors: [() => ({ inbound: intercept })] },
    ).run(body);

  it("fails with a code, and answers what it answers", async () => {
    expect(await run(async () => "done")).toBe("done");
    await expect(run(() => Promise.reject(failing(404)))).rejects.toMatchObject({
      type: "some_code",
      nonRetryable: true,
    });
    expect(lines).toEqual([]);
  });

  it("leaves its stack in the log when it failed unexpectedly, since Temporal keeps none", async () => {
    const error = new Error("a bug");
    await expect(run(() => Promise.reject(error))).rejects.toMatchObject({ type: "internal" });
    expect(lines).toEqual([{ err: error }]);
  });
});
