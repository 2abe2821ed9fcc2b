import { migrations } from "../../migrations/index.ts";
import { InvalidConfiguration, readMigrateConfig } from "../config.ts";
import { migrate } from "../platform/database/migrate.ts";
import { openDatabase } from "../platform/database/pool.ts";

// npm run migrate: brings the schema of DATABASE_OWNER_URL up to date and lets the login of DATABASE_URL use it.
try {
  const config = readMigrateConfig();
  const owner = openDatabase(config.DATABASE_OWNER_URL, { maxConnections: 2, name: "tollkeeper-migrate" });
  const applicationLogin = decodeURIComponent(new URL(config.DATABASE_URL).username);
  const ran = await migrate(owner, { steps: migrations, applicationLogin }).finally(() => owner.destroy());
  console.log(ran.length === 0 ? "The schema is up to date." : `Ran ${ran.length} migrations: ${ran.join(", ")}.`);
} catch (error) {
  console.error(error instanceof InvalidConfiguration ? error.message : error);
  process.exitCode = 1;
}
