import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { freePort } from "../../sandbox/parts/ports.ts";
import { type S3Part, startS3 } from "../../sandbox/parts/s3.ts";
import { testTool } from "./tools.ts";

const tool = await testTool("versitygw");

/** Why the tests of object storage cannot run here, or undefined when they can. For `describe.skipIf(s3Missing)`. */
export const s3Missing: string | undefined = "missing" in tool ? tool.missing : undefined;

if (s3Missing !== undefined) console.log(`Tests of object storage are skipped: ${s3Missing}`);

/** An S3 server of one test file's own, empty but for the bucket `billing-reports`. */
export async function startTestS3(): Promise<S3Part> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "tollkeeper-s3-"));
  const part = await startS3({
    runDirectory: inject("runDirectory"),
    dataDirectory,
    port: await freePort(),
    billingBucket: "billing-reports",
    embeddedOnly: true,
    progress: (line) => console.log(line),
  });
  const stop = async () => {
    await part.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  return { ...part, stop };
}
