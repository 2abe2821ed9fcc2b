import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Progress } from "../../sandbox/parts/part.ts";
import { findOnPath } from "../../sandbox/parts/program.ts";
import { toolCacheDirectory, withCacheLock } from "../../sandbox/parts/tool-cache.ts";

const run = promisify(execFile);
const VERSION = "1.31.0";

/**
 * The time-skipping server of Temporal's Java SDK: its jars from Maven, fetched once into our cache. `path` is the folder of the jars.
 * Throws when this machine has no Java or no Maven, or Maven could not fetch them.
 */
export async function findTimeSkippingServer(
  progress: Progress,
): Promise<{ readonly path: string; readonly source: string }> {
  if (findOnPath("java") === undefined) throw new Error("Java is not installed");
  await run("java", ["-version"], { timeout: 20_000 });
  const name = `temporal-test-server-${VERSION}`;
  const target = join(toolCacheDirectory(), name);
  if (!existsSync(target)) await withCacheLock(name, progress, () => fetchJars(target, progress));
  return { path: join(target, "lib"), source: `Maven, ${name}` };
}

async function fetchJars(target: string, progress: Progress): Promise<void> {
  if (existsSync(target)) return;
  if (findOnPath("mvn") === undefined) throw new Error("Maven is not installed");
  progress(`fetching the time-skipping Temporal server ${VERSION} with Maven (33 MB, once) ...`);
  const draft = mkdtempSync(`${target}.`);
  try {
    mkdirSync(join(draft, "lib"));
    writeFileSync(join(draft, "pom.xml"), POM);
    const args = ["-B", "-q", "-f", join(draft, "pom.xml"), "dependency:copy-dependencies"];
    await run("mvn", [...args, "-DincludeScope=runtime", `-DoutputDirectory=${join(draft, "lib")}`], {
      timeout: 300_000,
    });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tollkeeper</groupId>
  <artifactId>time-skipping-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;
