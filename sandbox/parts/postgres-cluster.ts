import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Child, startChild } from "./child-process.ts";
import type { Progress } from "./part.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { processCommand, processStartedAt } from "./process-identity.ts";
import type { SystemUser } from "./reachable-directory.ts";

/** How to start the database. `durable: false` trades fsync for speed and is for tests only. */
export type PostgresOptions = {
  readonly runDirectory: string;
  readonly dataDirectory: string;
  readonly port: number;
  readonly durable: boolean;
  /** Leave DATABASE_URL alone: tests never touch a server they did not start. */
  readonly embeddedOnly?: boolean;
  readonly progress?: Progress;
  /** Server settings besides ours, or instead of them: memory and log sizes for a benchmark. */
  readonly settings?: Readonly<Record<string, string>>;
};

const Passwords = z.object({ admin: z.string(), owner: z.string(), application: z.string() });

/** The passwords of the three logins of one cluster. */
export type Passwords = z.infer<typeof Passwords>;

/** One cluster on disk: its programs, its folder, whom it runs as and how it was asked for. */
export type ClusterNeeds = {
  readonly binaries: PostgresBinaries;
  readonly dataDirectory: string;
  readonly user: SystemUser | undefined;
  readonly options: PostgresOptions;
};

/** Makes the cluster once and returns its passwords, kept beside it in a file only its user can read. */
export async function initialiseCluster({ binaries, dataDirectory, user, options }: ClusterNeeds): Promise<Passwords> {
  const cluster = join(dataDirectory, "cluster");
  const passwordFile = join(dataDirectory, "passwords.json");
  if (existsSync(join(cluster, "PG_VERSION")) && existsSync(passwordFile)) {
    return Passwords.parse(JSON.parse(readFileSync(passwordFile, "utf8")));
  }
  // A cluster without its password file is a first start that was interrupted.
  rmSync(cluster, { recursive: true, force: true });
  const secret = () => randomBytes(24).toString("hex");
  const passwords = { admin: secret(), owner: secret(), application: secret() };
  const adminFile = join(dataDirectory, "admin-password");
  writeFileSync(adminFile, passwords.admin, { mode: 0o600 });
  mkdirSync(cluster, { mode: 0o700 });
  if (user !== undefined) for (const path of [adminFile, cluster]) chownSync(path, user.uid, user.gid);
  const paths = ["-D", cluster, "-U", "postgres", `--pwfile=${adminFile}`];
  const args = [...paths, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"];
  const child = await startChild({
    name: "postgres-initdb",
    command: binaries.initdb,
    args: options.durable ? args : [...args, "--no-sync"],
    runDirectory: options.runDirectory,
    directory: dataDirectory,
    ...(user === undefined ? {} : { user }),
  });
  await child.exited;
  rmSync(adminFile, { force: true });
  if (!existsSync(join(cluster, "PG_VERSION"))) {
    throw new Error(`PostgreSQL could not make its cluster:\n${child.lastLines()}`);
  }
  writeFileSync(passwordFile, JSON.stringify(passwords), { mode: 0o600 });
  return passwords;
}

/**
 * Heals what a `kill -9` left: a postmaster of this very directory is ended, and a lock file naming a process that is something else
 * by now is removed (PostgreSQL itself refuses to start when that pid happens to be in use).
 */
export async function releaseDataDirectory(dataDirectory: string): Promise<void> {
  const lock = join(dataDirectory, "cluster", "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (Number.isInteger(pid) && pid > 1 && processCommand(pid).includes(dataDirectory)) {
    process.kill(pid, "SIGQUIT");
    for (let attempt = 0; attempt < 200 && processStartedAt(pid) !== undefined; attempt += 1) await pause(50);
    if (processStartedAt(pid) !== undefined) throw new Error(`An earlier PostgreSQL (pid ${pid}) does not stop.`);
  }
  rmSync(lock, { force: true });
}

/** Starts the postmaster on a loopback port, without a Unix socket. */
export function startPostmaster({ binaries, dataDirectory, user, options }: ClusterNeeds): Promise<Child> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "300",
    shared_preload_libraries: "pg_stat_statements",
    timezone: "UTC",
    ...(options.durable
      ? { shared_buffers: "256MB", max_wal_size: "2GB" }
      : {
          fsync: "off",
          synchronous_commit: "off",
          full_page_writes: "off",
          shared_buffers: "128MB",
          autovacuum_naptime: "10min",
        }),
    ...options.settings,
  };
  return startChild({
    name: "postgres",
    command: binaries.postgres,
    args: [
      ...["-D", join(dataDirectory, "cluster"), "-p", String(options.port)],
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ],
    runDirectory: options.runDirectory,
    directory: dataDirectory,
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
    stopSignal: "SIGINT",
    killSignal: "SIGQUIT",
    stopWithinMs: 20_000,
    ...(user === undefined ? {} : { user }),
  });
}
