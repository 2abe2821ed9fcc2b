import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { parseAllowedHost } from "./integrations/officex/allowed-hosts.ts";

const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const seconds = (fallback: number) => z.coerce.number().int().min(1).max(31_536_000).default(fallback);
const url = z.url({ protocol: /^https?$/ });
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "expected a 0x address of 20 bytes");
const webhookSecret = /^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/;
const commaList = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const shared = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
  TEMPORAL_ADDRESS: z.string().min(1).default("127.0.0.1:7233"),
  TEMPORAL_NAMESPACE: z.string().min(1).default("default"),
  TOLLKEEPER_MASTER_KEY: z.string().regex(/^[0-9a-fA-F]{64}$/, "expected 32 bytes as 64 hex digits"),
  RPC_ENDPOINT: url,
  RPC_ENDPOINT_SECOND: url.optional(),
  CHAIN_ID_DEC: z.coerce.number().int().min(1),
  CHAIN_NAME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,31}$/)
    .default("base"),
  CHAIN_EXPLORER_URL: url.optional(),
  USDC_ADDRESS: address.optional(),
  USDT_ADDRESS: address.optional(),
  DEFAULT_BLOCK_CONFIRMATIONS: z.coerce.number().int().min(1).max(1000).optional(),
  NATIVE_USD_PRICE: z
    .string()
    .regex(/^[0-9]{1,7}(\.[0-9]{1,9})?$/)
    .default("3000"),
  VENDOR_TREASURY_ADDRESS: address.optional(),
  DEPOSIT_XPUB: z.string().regex(/^xpub[1-9A-HJ-NP-Za-km-z]{50,120}$/, "expected an account-level xpub"),
  SOLANA_RPC: url.optional(),
  SOLANA_NETWORK: z.enum(["mainnet", "devnet", "local"]).default("mainnet"),
  SOLANA_USDC_MINT: z
    .string()
    .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, "expected an address in base 58")
    .optional(),
  SOLANA_CHAIN_NAME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,31}$/)
    .default("solana"),
  SOLANA_NATIVE_USD_PRICE: z
    .string()
    .regex(/^[0-9]{1,7}(\.[0-9]{1,9})?$/)
    .default("150"),
  GRACE_SECONDS: seconds(259_200),
  PUBLIC_URL: url.optional(),
  SERVER_DOMAIN: z.string().min(1).optional(),
  VENDOR_NAME: z.string().min(1).default("Tollkeeper"),
  SUPPORT_URL: url.optional(),
  DEPOSIT_POLL_MILLISECONDS: z.coerce.number().int().min(50).max(60_000).default(1_000),
};

const apiOnly = {
  LISTEN_ADDR: z
    .string()
    .regex(/^.+:[0-9]{1,5}$/, "expected host:port")
    .refine((text) => !(Number(text.slice(text.lastIndexOf(":") + 1)) > 65_535), "expected a port of at most 65535")
    .optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  ADMIN_API_TOKEN: z.string().min(24, "use at least 24 characters").optional(),
  CORS_ORIGINS: commaList.optional(),
  ALLOWED_ORIGINS: commaList.optional(),
  TRUST_PROXY: z
    .string()
    .refine(isTrustProxy, "expected true, false, a number of hops, or addresses and networks separated by commas")
    .default("false"),
  IP_COUNTRY_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "expected the name of a header")
    .transform((name) => name.toLowerCase())
    .optional(),
  MAX_BODY_BYTES: z.coerce.number().int().min(1024).max(104_857_600).default(1_048_576),
  REQUEST_TIMEOUT_SECONDS: seconds(30),
  RATE_LIMITS: z.enum(["on", "relaxed", "off"]).default("on"),
  CHECKOUT_TTL_SECONDS: seconds(86_400),
  VENDOR_ID: z.string().min(1).default("tollkeeper"),
};

const workerOnly = {
  SIGNER_KEYSTORE_FILE: z.string().min(1).optional(),
  SIGNER_PASSWORD_FILE: z.string().min(1).optional(),
  SIGNER_KMS_KEY_ID: z.string().min(1).optional(),
  SIGNER_KMS_MNEMONIC_FILE: z.string().min(1).optional(),
  KMS_ENDPOINT: url.optional(),
  SOLANA_TREASURY: z.string().min(1).optional(),
  AWS_REGION: z.string().min(1).default("us-east-1"),
  AWS_ACCESS_KEY_ID: z.string().min(1).optional(),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  S3_ENDPOINT: url.optional(),
  S3_IDENTITY: z.enum(["iam", "versitygw"]).default("iam"),
  S3_ADMIN_ENDPOINT: url.optional(),
  NOTIFY_WEBHOOK_URL: url.optional(),
  NOTIFY_WEBHOOK_SECRET: commaList
    .refine(
      (secrets) => secrets.length > 0 && secrets.every((secret) => webhookSecret.test(secret)),
      "expected base64, with or without whsec_ before it; several separated by commas, newest first",
    )
    .optional(),
  NOTIFY_ALLOW_PRIVATE_HOSTS: flag.default(false),
  OFFICEX_HOSTS: commaList
    .refine(
      (entries) => entries.every((entry) => parseAllowedHost(entry) !== undefined),
      "expected hosts such as officex.app, *.officex.app or http://127.0.0.1:3901, separated by commas",
    )
    .default([]),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z
    .string()
    .max(320)
    .regex(
      /^(?:[^<>@,;:"\p{Cc}]* <[^\s<>@,;:"\p{Cc}]+@[A-Za-z0-9.-]+>|[^\s<>@,;:"\p{Cc}]+@[A-Za-z0-9.-]+)$/u,
      "expected name@example.com or Name <name@example.com>",
    )
    .optional(),
  GAS_TANK_LOW_SWEEPS: z.coerce.number().int().min(1).max(1_000_000).default(50),
  GAS_TANK_EMPTY_SWEEPS: z.coerce.number().int().min(1).max(1_000_000).default(3),
  WATCH_TREASURY: flag.default(true),
  WORKER_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
};

const migrateOnly = { DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }), DATABASE_URL: shared.DATABASE_URL };

/** With the first alone, notices would go nowhere and buckets to somebody else's account, without a word. */
const NEEDED_TOGETHER = [
  ["NOTIFY_WEBHOOK_URL", "NOTIFY_WEBHOOK_SECRET"],
  ["NOTIFY_WEBHOOK_SECRET", "NOTIFY_WEBHOOK_URL"],
  ["SMTP_URL", "MAIL_FROM"],
  ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
] as const;

const ApiEnvironment = z.object({ ...shared, ...apiOnly });
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
const MigrateEnvironment = z.object(migrateOnly);
const DatabaseEnvironment = z.object({ DATABASE_URL: shared.DATABASE_URL });
const OperatorEnvironment = z.object({ ADMIN_API_TOKEN: z.string().min(24, "use at least 24 characters") });

/** What every process needs, as read by the API. Money and durations keep the unit their name says. */
export type ApiConfig = z.infer<typeof ApiEnvironment>;
/** What the worker needs; the only process that is told where the signer's keystore is. */
export type WorkerConfig = z.infer<typeof WorkerEnvironment>;
/** What both processes share. */
export type SharedConfig = Pick<ApiConfig, keyof typeof shared>;
/** What `npm run migrate` needs. */
export type MigrateConfig = z.infer<typeof MigrateEnvironment>;

/** Fields of `.secrets/<file>` and the variable each stands for; a file overrides only the fields it has. */
const SECRET_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tollkeeper.json": { master_key: "TOLLKEEPER_MASTER_KEY", admin_api_token: "ADMIN_API_TOKEN" },
  "database.json": { url: "DATABASE_URL", owner_url: "DATABASE_OWNER_URL" },
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

/** The worker's configuration from the environment and `.secrets/`. Throws {@link InvalidConfiguration}. */
export function readWorkerConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  return parse(WorkerEnvironment, environment);
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

/** What Express itself takes; anything else would end the start with its stack. */
function isTrustProxy(value: string): boolean {
  if (/^(?:true|false|[0-9]{1,3})$/.test(value)) return true;
  return value.split(",").every((part) => {
    const [host = "", prefix = "0", ...rest] = part.trim().split("/");
    if (["loopback", "linklocal", "uniquelocal"].includes(part.trim())) return true;
    const bits = isIP(host) === 6 ? 128 : 32;
    return rest.length === 0 && isIP(host) !== 0 && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= bits;
  });
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
