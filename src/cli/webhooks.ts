import { Command, InvalidArgumentError, Option } from "commander";
import type { Knex } from "knex";
import { readDatabaseConfig, readWebhooksConfig } from "../config.ts";
import type { DeliveryAttempt } from "../integrations/notifications/delivery-log-store.ts";
import { CHANNELS, listAttempts } from "../integrations/notifications/delivery-log-store.ts";
import { rotateSecret } from "../integrations/notifications/webhook-secrets.ts";
import { listRefusals, listSecrets } from "../integrations/notifications/webhook-store.ts";
import { systemClock } from "../platform/clock.ts";
import { openDatabase } from "../platform/database/pool.ts";
import { parseMasterKey } from "../platform/secrets.ts";
import { RESENDABLE_CHANNELS, resendEvent } from "../products/purchases/notices/resend-event.ts";
import { describeFailure } from "./command-failure.ts";
import { readSandboxWorld } from "./sandbox-world.ts";
import { drawTable } from "./table.ts";

/** What a command prints: words for people, and the same as one JSON document. */
type Report = { readonly text: string; readonly json: unknown };

// npm run webhooks -- rotate | list | log | resend EVENT. Who was told what, and the secrets that sign it.
const program = new Command("webhooks")
  .description("Who was told what, on every channel, and the secrets that sign webhooks.")
  .option("--json", "print one JSON document instead of tables")
  .option("--sandbox", "look into the world npm start runs, instead of DATABASE_URL; rotate needs the configuration");

program
  .command("rotate")
  .description("Make a new signing secret and print it once; the old ones go on signing beside it.")
  .option("--overlap-hours <hours>", "how long the old ones go on", readHours, 24)
  .action((options: { readonly overlapHours: number }) => run((database) => rotate(database, options.overlapHours)));
program
  .command("list")
  .description("The stored secrets, without their values, and the listeners that answered 410.")
  .action(() => run(list));
program
  .command("log")
  .description("The delivery log, newest first.")
  .option("--event <id>", "of one event")
  .option("--purchase <id>", "of one purchase")
  .addOption(new Option("--channel <channel>", "of one channel").choices(CHANNELS))
  .option("--limit <lines>", "how many lines", readCount, 50)
  .action((options: LogOptions) => run((database) => log(database, options)));
program
  .command("resend")
  .argument("<event>", "an event's id, such as evt_01k...")
  .addOption(new Option("--channel <channel>", "how to tell it").choices(RESENDABLE_CHANNELS).default("webhook"))
  .option("--actor <name>", "who asks, for the log", "an operator")
  .description("Send an event again, also one that was delivered, refused or given up.")
  .action((event: string, options: ResendOptions) => run((database) => resend(database, event, options)));

type Options = { readonly json?: boolean; readonly sandbox?: boolean };
type LogOptions = {
  readonly event?: string;
  readonly purchase?: string;
  readonly channel?: string;
  readonly limit: number;
};
type ResendOptions = { readonly channel: (typeof RESENDABLE_CHANNELS)[number]; readonly actor: string };

async function rotate(database: Knex, overlapHours: number): Promise<Report> {
  const config = readWebhooksConfig();
  const needs = { database, clock: systemClock, masterKey: parseMasterKey(config.TOLLKEEPER_MASTER_KEY) };
  const made = await rotateSecret(needs, {
    configured: config.NOTIFY_WEBHOOK_SECRET ?? [],
    overlapSeconds: overlapHours * 3_600,
  });
  const until = made.oldRetireAt.toISOString();
  return {
    text: `${made.secret}\n\nGive it to the receiver now: it is not shown again. Older secrets sign beside it until ${until}.\nFrom now on NOTIFY_WEBHOOK_SECRET is not used any more.`,
    json: { id: made.id, secret: made.secret, old_secrets_retire_at: until },
  };
}

async function list(database: Knex): Promise<Report> {
  const secrets = (await listSecrets(database)).map(({ id, createdAt, retiresAt }) => ({
    id,
    created_at: createdAt.toISOString(),
    retires_at: retiresAt?.toISOString() ?? null,
  }));
  const refusals = (await listRefusals(database)).map(({ host, refusedAt, liftedAt }) => ({
    host,
    refused_at: refusedAt.toISOString(),
    lifted_at: liftedAt?.toISOString() ?? null,
  }));
  const secretTable = drawTable(
    ["secret", "made", "signs until"],
    secrets.map(({ id, created_at, retires_at }) => [id, created_at, retires_at ?? "replaced"]),
  );
  const refusalTable = drawTable(
    ["listener that answered 410", "when", "called again since"],
    refusals.map(({ host, refused_at, lifted_at }) => [host, refused_at, lifted_at ?? "no"]),
  );
  const none = secrets.length === 0 ? "No secret is stored: NOTIFY_WEBHOOK_SECRET signs." : secretTable;
  return {
    text: refusals.length === 0 ? none : `${none}\n${refusalTable}`,
    json: { secrets, refused_listeners: refusals },
  };
}

async function log(database: Knex, options: LogOptions): Promise<Report> {
  const { event: eventId, purchase: purchaseId, channel, limit } = options;
  const attempts = await listAttempts(database, { eventId, purchaseId, channel, limit });
  const head = ["at", "event", "channel", "try", "destination", "outcome", "next try"];
  return {
    text: attempts.length === 0 ? "Nothing was tried." : drawTable(head, attempts.map(toLine)),
    json: attempts,
  };
}

function toLine(attempt: DeliveryAttempt): readonly string[] {
  const { eventId, channel, destination, outcome, status, nextTryAt, attemptedAt } = attempt;
  const answered = status === null ? "" : ` ${status}`;
  return [
    toSeconds(attemptedAt),
    eventId,
    channel,
    String(attempt.attempt),
    destination ?? "-",
    `${outcome}${answered}`,
    nextTryAt === null ? "none" : toSeconds(nextTryAt),
  ];
}

function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

async function resend(database: Knex, eventId: string, { channel, actor }: ResendOptions): Promise<Report> {
  const isThere = await resendEvent({ database }, { eventId, channel, actor });
  if (!isThere) process.exitCode = 1;
  const text = isThere ? `${eventId} is sent again by ${channel}.` : "No event has this id.";
  return { text, json: { event: eventId, channel, resent: isThere } };
}

async function run(work: (database: Knex) => Promise<Report>): Promise<void> {
  const url = databaseUrl();
  const database = openDatabase(url, { maxConnections: 1, name: "tollkeeper-webhooks-cli" });
  try {
    const report = await work(database);
    console.log(program.opts<Options>().json === true ? JSON.stringify(report.json, null, 2) : report.text);
  } finally {
    await database.destroy();
  }
}

function databaseUrl(): string {
  return program.opts<Options>().sandbox === true ? readSandboxWorld().postgres : readDatabaseConfig().DATABASE_URL;
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) throw new InvalidArgumentError("It takes 1 to 10000.");
  return count;
}

function readHours(text: string): number {
  const hours = Number(text);
  if (!Number.isFinite(hours) || hours < 0 || hours > 8_760) throw new InvalidArgumentError("It takes 0 to 8760.");
  return hours;
}

try {
  await program.parseAsync();
} catch (error) {
  const { text, exitCode } = describeFailure(error);
  console.error(text);
  process.exitCode = exitCode;
}
