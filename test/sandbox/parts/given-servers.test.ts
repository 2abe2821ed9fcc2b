import { afterEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { startPostgres } from "../../../sandbox/parts/postgres.ts";
import { startS3 } from "../../../sandbox/parts/s3.ts";
import { startTemporal } from "../../../sandbox/parts/temporal.ts";

// Nothing may be started or written: a path that cannot be made would show it.
const nowhere = { runDirectory: "/proc/nowhere", progress: () => undefined, port: 1 };
const postgres = () => startPostgres({ ...nowhere, dataDirectory: "/proc/nowhere", durable: true });
const s3 = () => startS3({ ...nowhere, dataDirectory: "/proc/nowhere", billingBucket: "reports" });
const temporal = () => startTemporal({ ...nowhere, databaseFile: "/proc/nowhere/db", uiPort: 1 });

afterEach(() => vi.unstubAllEnvs());

describe("a server that the environment names", () => {
  it("is not replaced by one of ours when PostgreSQL does not answer, and the message shows no password", async () => {
    const port = await freePort();
    vi.stubEnv("DATABASE_URL", `postgres://app:hunter2@127.0.0.1:${port}/shop`);
    vi.stubEnv("DATABASE_OWNER_URL", `postgres://own:hunter2@127.0.0.1:${port}/shop`);
    const failure = await postgres().catch((error: unknown) => String(error));
    expect(failure).toMatch(
      new RegExp(`DATABASE_OWNER_URL names does not let us in \\(127.0.0.1:${port}\\).*ECONNREFUSED`),
    );
    expect(failure).not.toContain("hunter2");
  });

  it.each([
    ["", "no owner"],
    ["postgres://app:x@127.0.0.1:1/shop", "the same login"],
  ])("is refused when the tables would belong to the application (owner: %s)", async (ownerUrl) => {
    vi.stubEnv("DATABASE_URL", "postgres://app:x@127.0.0.1:1/shop");
    vi.stubEnv("DATABASE_OWNER_URL", ownerUrl);
    await expect(postgres()).rejects.toThrow(/DATABASE_OWNER_URL with another login/);
  });

  it("is not replaced by one of ours when Temporal does not answer", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    vi.stubEnv("TEMPORAL_ADDRESS", address);
    await expect(temporal()).rejects.toThrow(new RegExp(`TEMPORAL_ADDRESS is ${address}, but the namespace "default"`));
  });

  it("is not replaced by one of ours when the S3 server does not answer or its keys are not given", async () => {
    vi.stubEnv("S3_ENDPOINT", `http://127.0.0.1:${await freePort()}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "");
    await expect(s3()).rejects.toThrow(/Give all three, or none/);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    await expect(s3()).rejects.toThrow(/S3_ENDPOINT is .* does not let us in/);
  });
});
