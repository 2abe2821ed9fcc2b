import type { Logger as PinoLogger } from "pino";
import { pino } from "pino";

/** The process's structured log: JSON lines, one object per event. */
export type Logger = Pick<PinoLogger, "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "isLevelEnabled">;

/** Levels a logger may be set to; `silent` writes nothing. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

const SECRET_NAMES = [
  ...[
    "authorization",
    "cookie",
    "password",
    "secret",
    "token",
    "credential",
    "credentials",
    "apiKey",
    "api_key",
    "key",
  ],
  ...["privateKey", "private_key", "seed_phrase", "mnemonic", "masterKey", "master_key", "secretAccessKey"],
  ...["secret_access_key", "customer_billing_api_key", "vendor_billing_api_key", "org_api_key", "checkout_session_id"],
  ...["checkoutSessionId", "sessionToken", "connectionString", '["x-api-key"]', '["set-cookie"]', '["x-payment"]'],
  ...['["payment-signature"]', '["x-payment-authorization"]', '["stripe-signature"]'],
];

/** Member names the log never shows, at the top and up to two levels down. */
const REDACTED_PATHS = SECRET_NAMES.flatMap((name) => {
  const tail = name.startsWith("[") ? name : `.${name}`;
  return [name, `*${tail}`, `*.*${tail}`];
});

/** Our own keys, licence and session tokens, the secrets of quotes and payments, and passwords in URLs, wherever a free text may quote them. */
const SECRET_TEXT =
  /\b(?:(?:cbk|vbk|gsk|chk|whsec|sk_live|sk_test|sess?)_[A-Za-z0-9_-]{16,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|0x[0-9a-fA-F]{64})|(?<=\b(?:qte|apy)_[0-9a-z]+\.)[A-Za-z0-9_-]{43}|(?<=:\/\/[^/\s:@]*:)[^@\s/]+(?=@)|(?<=\bBearer\s)\S+/g;

/** Replaces anything that looks like one of our secrets; for texts that come from outside, such as driver messages. */
export function redactText(text: string): string {
  return text.replace(SECRET_TEXT, "[redacted]");
}

/**
 * Opens the log. Members with a secret's name are replaced, and texts of errors are scanned for our keys, so neither can reach a
 * line even when somebody logs a whole object. `destination` is for tests; default standard output.
 */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly name: string;
  readonly destination?: { write(line: string): void };
}): Logger {
  const settings = {
    level: options.level,
    base: { name: options.name },
    redact: { paths: REDACTED_PATHS, censor: "[redacted]" },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: describeError },
    errorKey: "err",
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** Name, message, stack, code and causes, redacted; never the error's other members, which may hold queries and their values. */
function describeError(thrown: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(thrown instanceof Error)) return { message: redactText(String(thrown)) };
  return {
    name: thrown.name,
    message: redactText(thrown.message),
    ...("code" in thrown && typeof thrown.code === "string" ? { code: thrown.code } : {}),
    stack: redactText(thrown.stack ?? ""),
    ...(thrown.cause !== undefined && depth < 4 ? { cause: describeError(thrown.cause, depth + 1) } : {}),
  };
}
