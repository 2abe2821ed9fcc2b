import { rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { migrations } from "../../migrations/index.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { APPLICATION_LOGIN, OWNER_ROLE, startPostgres } from "../../sandbox/parts/postgres.ts";
import { databaseUser, reachableDirectory } from "../../sandbox/parts/reachable-directory.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import type { SharedPart } from "./parts-server.ts";

const TEMPLATE = "tollkeeper_template";

/** The run's one PostgreSQL: real, without fsync, with a migrated template that every test database is copied from. */
export async function startPostgresServer(runDirectory: string): Promise<SharedPart> {
  const dataDirectory = join(runDirectory, "postgres");
  const part = await startPostgres({
    runDirectory,
    dataDirectory,
    port: await freePort(),
    durable: false,
    embeddedOnly: true,
  });
  const stop = async () => {
    await part.stop();
    rmSync(reachableDirectory(dataDirectory, databaseUser()), { recursive: true, force: true });
  };
  try {
    await makeTemplate(part.adminUrl ?? "", part.ownerUrl);
    return {
      reply: {
        adminUrl: part.adminUrl,
        ownerUrl: part.ownerUrl,
        applicationUrl: part.applicationUrl,
        template: TEMPLATE,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTemplate(adminUrl: string, ownerUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${TEMPLATE} OWNER ${OWNER_ROLE}`);
    const owner = openDatabase(ownerUrl.replace(/[^/]+$/, TEMPLATE), { maxConnections: 1, name: "migrate" });
    await migrate(owner, { steps: migrations, applicationLogin: APPLICATION_LOGIN }).finally(() => owner.destroy());
    // CREATE DATABASE ... TEMPLATE is refused while anyone is connected to the template.
    await admin.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
  } finally {
    await admin.end();
  }
}
