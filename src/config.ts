import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { apiOnly, facilitatorOnly, shared, workerOnly } from "./config-variables.ts";

const migrateOnly = { DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }), DATABASE_URL: shared.DATABASE_URL };

/** With the first alone, notices would go nowhere and buckets to somebody else's account, without a word. */
const NEEDED_TOGETHER = [
  ["NOTIFY_WEBHOOK_URL", "NOTIFY_WEBHOOK_SECRET"],
  ["NOTIFY_WEBHOOK_SECRET", "NOTIFY_WEBHOOK_URL"],
  ["SMTP_URL", "MAIL_FROM"],
  ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
] as const;

const BARE = "must be false in production: whoever names a transaction first would have what another paid";
const ApiEnvironment = z.object({ ...shared, ...apiOnly }).superRefine((config, context) => {
  if (config.NODE_ENV !== "production" || !config.PAY2_BARE) return;
  context.addIssue({ code: "custom", path: ["PAY2_BARE"], message: BARE });
});
const SIGNER_FILES = ["SIGNER_KEYSTORE_FILE", "SIGNER_PASSWORD_FILE"] as const;
const WorkerEnvironment = z
  .object({ ...shared, ...workerOnly })
  .superRefine((config, context) => {
    for (const [name, needed] of NEEDED_TOGETHER) {
      if (config[name] === undefined || config[needed] !== undefined) continue;
      context.addIssue({ code: "custom", path: [needed], message: `is required with ${name}` });
    }
    for (const needed of ["S3_ENDPOINT", "AWS_ACCESS_KEY_ID"] as const) {
      if (config.S3_IDENTITY !== "versitygw" || config[needed] !== undefined) continue;
      context.addIssue({ code: "custom", path: [needed], message: "is required with S3_IDENTITY=versitygw" });
    }
  })
  .superRefine((config, context) => {
    const holder = config.SIGNER_KMS_KEY_ID === undefined ? SIGNER_FILES : (["SIGNER_KMS_MNEMONIC_FILE"] as const);
    for (const needed of holder) {
      if (config[needed] !== undefined) continue;
      context.addIssue({ code: "custom", path: [needed], message: "is required: the signer's keys are there" });
    }
    if (config.SIGNER_KMS_KEY_ID !== undefined && config.SOLANA_RPC !== undefined) {
      context.addIssue({ code: "custom", path: ["SIGNER_KMS_KEY_ID"], message: "does not work with SOLANA_RPC yet" });
    }
  });
const WebhooksEnvironment = z.object({
  DATABASE_URL: shared.DATABASE_URL,
  TOLLKEEPER_MASTER_KEY: shared.TOLLKEEPER_MASTER_KEY,
  NOTIFY_WEBHOOK_SECRET: workerOnly.NOTIFY_WEBHOOK_SECRET,
});
/** It holds keys and faces callers, so it is told of nothing else: no master key, no deposit key, no operator's token. */
const FacilitatorEnvironment = z
  .object({ ...shared, ...facilitatorOnly })
  .omit({ TOLLKEEPER_MASTER_KEY: true, DEPOSIT_XPUB: true, PAYAI_API_KEY: true, PAYAI_API_KEY_SECRET: true })
  .superRefine((config, context) => {
    if (config.NODE_ENV !== "production" || config.FACILITATOR_TOKEN !== undefined) return;
    context.addIssue({ code: "custom", path: ["FACILITATOR_TOKEN"], message: "is required in production" });
  });
const MigrateEnvironment = z.object(migrateOnly);
const DatabaseEnvironment = z.object({ DATABASE_URL: shared.DATABASE_URL });
const OperatorEnvironment = z.object({ ADMIN_API_TOKEN: z.string().min(24, "use at least 24 characters") });

/** What every process needs, as read by the API. Money and durations keep the unit their name says. */
export type ApiConfig = z.infer<typeof ApiEnvironment>;
/** What the worker needs; the only process that is told where the signer's keystore is. */
export type WorkerConfig = z.infer<typeof WorkerEnvironment>;
/** What our own facilitator needs; the only process that is told where the fee payers' keystore is. */
export type FacilitatorConfig = z.infer<typeof FacilitatorEnvironment>;
/** What says which chains there are. */
export type ChainConfig = Pick<
  ApiConfig,
  Exclude<keyof typeof shared, "TOLLKEEPER_MASTER_KEY" | "DEPOSIT_XPUB" | "PAYAI_API_KEY" | "PAYAI_API_KEY_SECRET">
>;
/** What both processes share. */
export type SharedConfig = Pick<ApiConfig, keyof typeof shared>;
/** What `npm run migrate` needs. */
export type MigrateConfig = z.infer<typeof MigrateEnvironment>;

/** Fields of `.secrets/<file>` and the variable each stands for; a file overrides only the fields it has. */
const SECRET_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tollkeeper.json": { master_key: "TOLLKEEPER_MASTER_KEY", admin_api_token: "ADMIN_API_TOKEN" },
  "database.json": { url: "DATABASE_URL", owner_url: "DATABASE_OWNER_URL" },
  "payai.json": { api_key: "PAYAI_API_KEY", api_key_id: "PAYAI_API_KEY_ID", api_key_secret: "PAYAI_API_KEY_SECRET" },
  "facilitator.json": { token: "FACILITATOR_TOKEN" },
  "aws.json": { access_key_id: "AWS_ACCESS_KEY_ID", secret_access_key: "AWS_SECRET_ACCESS_KEY", region: "AWS_REGION" },
  "notify.json": {
    webhook_url: "NOTIFY_WEBHOOK_URL",
    webhook_secret: "NOTIFY_WEBHOOK_SECRET",
    smtp_url: "SMTP_URL",
    mail_from: "MAIL_FROM",
  },
};

/** A start that cannot work: one readable line per problem, naming the variable and never its value. */
export class InvalidConfiguration extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join("\n")}`);
    this.name = "InvalidConfiguration";
  }
}

/** Reads a configuration at a process's start: a problem is told, one line each and no stack, and ends the process (78, EX_CONFIG). */
export function readOrExit<Config>(read: () => Config): Config {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

/** The API's configuration from the environment and `.secrets/`. Throws {@link InvalidConfiguration}. */
export function readApiConfig(environment: NodeJS.ProcessEnv = process.env): ApiConfig {
  return parse(ApiEnvironment, environment);
}

/** Every origin that browsers may call from: those listed, and the frontend's. ALLOWED_ORIGINS counts before CORS_ORIGINS. */
export function allowedOrigins(
  config: Pick<ApiConfig, "ALLOWED_ORIGINS" | "CORS_ORIGINS" | "FRONTEND_URL">,
): readonly string[] {
  const listed = config.ALLOWED_ORIGINS ?? config.CORS_ORIGINS ?? [];
  if (config.FRONTEND_URL === undefined || listed.includes("*")) return listed;
  return [...new Set([...listed, new URL(config.FRONTEND_URL).origin])];
}

/** One line per variable that is still read and better set otherwise; told at the start, without the value. */
export function deprecations(
  config: Pick<ApiConfig, "MERCHANT_WALLET" | "NODE_ENV" | "PUBLIC_URL">,
): readonly string[] {
  const isOpen = config.NODE_ENV === "production" && config.PUBLIC_URL?.startsWith("http://") === true;
  return [
    ...(config.MERCHANT_WALLET === undefined
      ? []
      : ["MERCHANT_WALLET is deprecated and pays nobody: each merchant registers wallets of its own"]),
    ...(isOpen ? ["PUBLIC_URL is not https: session tokens and signed payments travel in the open"] : []),
  ];
}

/** The worker's configuration from the environment and `.secrets/`. Throws {@link InvalidConfiguration}. */
export function readWorkerConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  return parse(WorkerEnvironment, environment);
}

/** The configuration of our own facilitator from the environment and `.secrets/`. Throws {@link InvalidConfiguration}. */
export function readFacilitatorConfig(environment: NodeJS.ProcessEnv = process.env): FacilitatorConfig {
  return parse(FacilitatorEnvironment, environment);
}

/** The migration command's configuration. Throws {@link InvalidConfiguration}. */
export function readMigrateConfig(environment: NodeJS.ProcessEnv = process.env): MigrateConfig {
  return parse(MigrateEnvironment, environment);
}

/** What a command that speaks to the API as its operator needs. Throws {@link InvalidConfiguration}. */
export function readOperatorConfig(environment: NodeJS.ProcessEnv = process.env): z.infer<typeof OperatorEnvironment> {
  return parse(OperatorEnvironment, environment);
}

/** The configuration of a command that only looks into the database. Throws {@link InvalidConfiguration}. */
export function readDatabaseConfig(environment: NodeJS.ProcessEnv = process.env): z.infer<typeof DatabaseEnvironment> {
  return parse(DatabaseEnvironment, environment);
}

/** The configuration of `npm run webhooks`. Throws {@link InvalidConfiguration}. */
export function readWebhooksConfig(environment: NodeJS.ProcessEnv = process.env): z.infer<typeof WebhooksEnvironment> {
  return parse(WebhooksEnvironment, environment);
}

function parse<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv): z.infer<Schema> {
  const directory = environment.SECRETS_DIR ?? ".secrets";
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const values = { ...given, ...secretsFrom(directory) };
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw new InvalidConfiguration(result.error.issues.map((issue) => describeIssue(issue, values)));
}

function describeIssue(issue: z.core.$ZodIssue, values: Readonly<Record<string, unknown>>): string {
  const name = issue.path.join(".");
  const isMissing = values[name] === undefined && issue.code !== "custom";
  return `${name}: ${isMissing ? "is required" : issue.message}`;
}

function secretsFrom(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [file, fields] of Object.entries(SECRET_FILES)) {
    const path = join(directory, file);
    if (!existsSync(path)) continue;
    const content = parseSecretFile(path);
    for (const [field, variable] of Object.entries(fields)) {
      const value = content[field];
      if (value !== undefined) found[variable] = value;
    }
  }
  return found;
}

function parseSecretFile(path: string): Readonly<Record<string, string>> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new InvalidConfiguration([`${path}: expected a JSON object of strings`]);
  }
}
