import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  allowedOrigins,
  deprecations,
  InvalidConfiguration,
  readApiConfig,
  readDatabaseConfig,
  readMigrateConfig,
  readOrExit,
  readWorkerConfig,
} from "../src/config.ts";
import { apiEnvironment } from "./support/app.ts";

const URL = "postgres://app:pw@db.example/books";
const directory = mkdtempSync(join(tmpdir(), "tollkeeper-config-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const api = (change: NodeJS.ProcessEnv = {}) => readApiConfig({ ...apiEnvironment(URL), ...change });
const worker = (change: NodeJS.ProcessEnv = {}) =>
  readWorkerConfig({
    ...apiEnvironment(URL),
    SIGNER_KEYSTORE_FILE: "keystore.json",
    SIGNER_PASSWORD_FILE: "password",
    ...change,
  });

/** The problems a reading ends with, one per line. */
function problems(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

let folders = 0;
function secrets(files: Readonly<Record<string, string>>): string {
  folders += 1;
  const folder = join(directory, String(folders));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("readApiConfig", () => {
  it("refuses bare payments in production, rather than ignore what was asked for", () => {
    expect(problems(() => api({ NODE_ENV: "production", PAY2_BARE: "true" }))).toEqual([
      "  - PAY2_BARE: must be false in production: whoever names a transaction first would have what another paid",
    ]);
    expect(problems(() => api({ NODE_ENV: "production", PAY2_BARE: "false" }))).toEqual([]);
    expect(api({ NODE_ENV: "development", PAY2_BARE: "true" }).PAY2_BARE).toBe(true);
  });

  it("turns text into what it stands for, with the documented defaults", () => {
    expect(api({ PORT: "4000", CORS_ORIGINS: "https://a.example, https://b.example," })).toMatchObject({
      PORT: 4_000,
      CHAIN_ID_DEC: 31_337,
      CORS_ORIGINS: ["https://a.example", "https://b.example"],
      TRUST_PROXY: "false",
      CHECKOUT_TTL_SECONDS: 86_400,
      GRACE_SECONDS: 259_200,
    });
  });

  it("lets browsers call from the listed origins and the frontend's, each once", () => {
    const origins = (change: NodeJS.ProcessEnv) => allowedOrigins(api(change));
    expect(origins({})).toEqual([]);
    expect(origins({ FRONTEND_URL: "https://app.example/shop" })).toEqual(["https://app.example"]);
    const listed = { ALLOWED_ORIGINS: "https://a.example,https://app.example", CORS_ORIGINS: "https://b.example" };
    expect(origins({ ...listed, FRONTEND_URL: "https://app.example" })).toEqual(listed.ALLOWED_ORIGINS.split(","));
    expect(origins({ ALLOWED_ORIGINS: "*", FRONTEND_URL: "https://app.example" })).toEqual(["*"]);
  });

  it("reads every variable of pay-per-use access, bounds its timeout, and warns of the deprecated wallet once", () => {
    expect(api()).toMatchObject({ PAYMENT_TIMEOUT: 300, UNIT_TYPE: "minute", ACCEPTED_TOKENS: ["USDC"] });
    expect(api({ PAYMENT_TIMEOUT: "60", UNIT_TYPE: "hour" })).toMatchObject({ PAYMENT_TIMEOUT: 60, UNIT_TYPE: "hour" });
    expect(problems(() => api({ PAYMENT_TIMEOUT: "9", UNIT_TYPE: "week" }))).toHaveLength(2);
    expect(problems(() => api({ PAYMENT_TIMEOUT: "3601" }))).toHaveLength(1);
    expect(deprecations(api())).toEqual([]);
    const [warning, ...rest] = deprecations(api({ MERCHANT_WALLET: "a-wallet" }));
    expect([warning?.includes("MERCHANT_WALLET is deprecated"), warning?.includes("a-wallet"), rest]).toEqual([
      ...[true, false, []],
    ]);
    const served = { ...api(), NODE_ENV: "production" as const };
    expect(deprecations({ ...served, PUBLIC_URL: "http://shop.example" })).toEqual([
      "PUBLIC_URL is not https: session tokens and signed payments travel in the open",
    ]);
    expect(deprecations({ ...served, PUBLIC_URL: "https://shop.example" })).toEqual([]);
  });

  it("names every problem in a line of its own, and never the value", () => {
    const bad = {
      DATABASE_URL: "mysql://u:hush-1@h/d",
      TOLLKEEPER_MASTER_KEY: "hush-2",
      ADMIN_API_TOKEN: "hush-3",
      PORT: "hush-4",
    };
    const lines = problems(() => api(bad));
    expect(lines.map((line) => line.trim().split(":")[0]).sort()).toEqual([
      "- ADMIN_API_TOKEN",
      "- DATABASE_URL",
      "- PORT",
      "- TOLLKEEPER_MASTER_KEY",
    ]);
    expect(lines.join()).not.toContain("hush");
  });

  it("says which variables are missing; an empty one is missing", () => {
    expect(problems(() => api({ DATABASE_URL: "", RPC_ENDPOINT: undefined }))).toEqual([
      "  - DATABASE_URL: is required",
      "  - RPC_ENDPOINT: is required",
    ]);
  });

  it.each([
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "1.5"],
    ["LISTEN_ADDR", "127.0.0.1"],
    ["LISTEN_ADDR", "127.0.0.1:99999"],
    ["TRUST_PROXY", "yes"],
    ["TRUST_PROXY", "10.0.0.0/8,everybody"],
    ["RATE_LIMITS", "none"],
    ["USDC_ADDRESS", "0x12"],
    [
      "DEPOSIT_XPUB",
      "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    ],
    ["RPC_ENDPOINT", "file:///etc/passwd"],
    ["MAX_BODY_BYTES", "1e12"],
    ["GRACE_SECONDS", "0"],
    ["NATIVE_USD_PRICE", "1e3"],
    ["NODE_ENV", "prod"],
  ])("refuses %s=%s at the start", (name, value) => {
    expect(problems(() => api({ [name]: value })).map((line) => line.includes(`- ${name}: `))).toEqual([true]);
  });

  it.each(["true", "false", "2", "loopback", "10.0.0.1", "10.0.0.0/8, ::1", "fd00::/8"])(
    "takes TRUST_PROXY=%s",
    (value) => {
      expect(api({ TRUST_PROXY: value }).TRUST_PROXY).toBe(value);
    },
  );

  it("does not carry the signer's files: the API is not told where keys are", () => {
    const config = api({ SIGNER_KEYSTORE_FILE: "keystore.json", SIGNER_PASSWORD_FILE: "password" });
    expect(Object.keys(config).filter((name) => name.startsWith("SIGNER"))).toEqual([]);
  });
});

describe("readWorkerConfig", () => {
  it("needs the signer's two files", () => {
    const missing = { SIGNER_KEYSTORE_FILE: "", SIGNER_PASSWORD_FILE: "" };
    expect(problems(() => worker(missing))).toHaveLength(2);
    expect(worker()).toMatchObject({ SIGNER_KEYSTORE_FILE: "keystore.json", S3_IDENTITY: "iam" });
  });

  it("takes a key service instead of the keystore, with the encrypted mnemonic and without Solana", () => {
    const service = { SIGNER_KEYSTORE_FILE: "", SIGNER_PASSWORD_FILE: "", SIGNER_KMS_KEY_ID: "alias/vendor" };
    expect(problems(() => worker(service)).join()).toContain("SIGNER_KMS_MNEMONIC_FILE");
    const whole = { ...service, SIGNER_KMS_MNEMONIC_FILE: "mnemonic.encrypted" };
    expect(worker(whole)).toMatchObject({ SIGNER_KMS_KEY_ID: "alias/vendor" });
    expect(problems(() => worker({ ...whole, SOLANA_RPC: "http://127.0.0.1:8899" })).join()).toContain("SOLANA_RPC");
  });

  it("takes true and false for switches and nothing else", () => {
    expect(worker({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" }).NOTIFY_ALLOW_PRIVATE_HOSTS).toBe(true);
    expect(worker({ NOTIFY_ALLOW_PRIVATE_HOSTS: "false" }).NOTIFY_ALLOW_PRIVATE_HOSTS).toBe(false);
    expect(problems(() => worker({ NOTIFY_ALLOW_PRIVATE_HOSTS: "1" }))).toHaveLength(1);
  });

  it("reads several webhook secrets, newest first, the hosts of OfficeX and the mail server", () => {
    const config = worker({
      NOTIFY_WEBHOOK_URL: "https://h.example",
      NOTIFY_WEBHOOK_SECRET: "whsec_AAAA, whsec_BBBB",
      OFFICEX_HOSTS: "officex.app,*.officex.app, http://127.0.0.1:3901",
      SMTP_URL: "smtps://user:hush@mail.example:465",
      MAIL_FROM: "Shop & Co <billing@shop.example>",
    });
    expect(config).toMatchObject({
      NOTIFY_WEBHOOK_SECRET: ["whsec_AAAA", "whsec_BBBB"],
      OFFICEX_HOSTS: ["officex.app", "*.officex.app", "http://127.0.0.1:3901"],
      MAIL_FROM: "Shop & Co <billing@shop.example>",
    });
    expect(worker()).toMatchObject({ OFFICEX_HOSTS: [] });
  });

  it.each([
    ["a webhook without its secret", { NOTIFY_WEBHOOK_URL: "https://h.example" }, "NOTIFY_WEBHOOK_SECRET"],
    ["a secret without its webhook", { NOTIFY_WEBHOOK_SECRET: "whsec_AAAA" }, "NOTIFY_WEBHOOK_URL"],
    [
      "one bad secret among several",
      { NOTIFY_WEBHOOK_URL: "https://h.example", NOTIFY_WEBHOOK_SECRET: "whsec_AAAA,hush!" },
      "NOTIFY_WEBHOOK_SECRET",
    ],
    ["an OfficeX host with a path", { OFFICEX_HOSTS: "officex.app/v1" }, "OFFICEX_HOSTS"],
    ["an OfficeX host that is everybody", { OFFICEX_HOSTS: "*" }, "OFFICEX_HOSTS"],
    ["a mail server without a sender", { SMTP_URL: "smtp://mail.example" }, "MAIL_FROM"],
    ["a mail server that is none", { SMTP_URL: "https://hush.example", MAIL_FROM: "a@b.example" }, "SMTP_URL"],
    [
      "a sender that is two headers",
      { SMTP_URL: "smtp://mail.example", MAIL_FROM: "a@b.example\r\nBcc: hush@b.example" },
      "MAIL_FROM",
    ],
    ["half of the AWS keys", { AWS_ACCESS_KEY_ID: "AKIA" }, "AWS_SECRET_ACCESS_KEY"],
    [
      "a secret no webhook can be signed with",
      { NOTIFY_WEBHOOK_URL: "https://h.example", NOTIFY_WEBHOOK_SECRET: "hush!" },
      "NOTIFY_WEBHOOK_SECRET",
    ],
    [
      "versitygw without its address",
      { S3_IDENTITY: "versitygw", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
      "S3_ENDPOINT",
    ],
    [
      "versitygw without its root keys",
      { S3_IDENTITY: "versitygw", S3_ENDPOINT: "http://s3.example" },
      "AWS_ACCESS_KEY_ID",
    ],
  ])("refuses %s, which would fail only later and silently", (_name, change, variable) => {
    const lines = problems(() => worker(change));
    expect(lines.some((line) => line.startsWith(`  - ${variable}: `))).toBe(true);
    expect(lines.join()).not.toContain("hush");
  });
});

describe("files in the secrets directory", () => {
  const KEY = "aa".repeat(32);

  it("override only the fields they have", () => {
    const SECRETS_DIR = secrets({ "tollkeeper.json": JSON.stringify({ master_key: KEY }) });
    const config = api({ SECRETS_DIR });
    expect([config.TOLLKEEPER_MASTER_KEY, config.ADMIN_API_TOKEN]).toEqual([KEY, apiEnvironment(URL).ADMIN_API_TOKEN]);
  });

  it("are enough by themselves", () => {
    const files = { "database.json": JSON.stringify({ url: "postgres://file/db", owner_url: "postgres://owner/db" }) };
    const SECRETS_DIR = secrets(files);
    expect(readMigrateConfig({ SECRETS_DIR })).toEqual({
      DATABASE_URL: "postgres://file/db",
      DATABASE_OWNER_URL: "postgres://owner/db",
    });
    expect(readDatabaseConfig({ SECRETS_DIR })).toEqual({ DATABASE_URL: "postgres://file/db" });
  });

  it("may hold members nobody reads, and set no variable that has no field", () => {
    const text = '{"__proto__":{"url":"postgres://evil/db"},"DATABASE_URL":"postgres://evil/db","note":"x"}';
    expect(api({ SECRETS_DIR: secrets({ "database.json": text }) }).DATABASE_URL).toBe(URL);
  });

  it.each(["{", "[]", "null", '{"master_key": 7}', ""])(
    "stop the start when one is %j, naming the file only",
    (text) => {
      const lines = problems(() => api({ SECRETS_DIR: secrets({ "tollkeeper.json": text }) }));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/tollkeeper\.json: expected a JSON object of strings$/);
    },
  );
});

describe("readOrExit", () => {
  it("answers what was read, and lets a failure that is none of the configuration rise", () => {
    expect(readOrExit(() => 7)).toBe(7);
    const broken = () => {
      throw new TypeError("a bug");
    };
    expect(() => readOrExit(broken)).toThrow(TypeError);
  });
});
