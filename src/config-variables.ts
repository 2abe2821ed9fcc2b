import { isIP } from "node:net";
import { z } from "zod";
import { parseAllowedHost } from "./integrations/officex/allowed-hosts.ts";
import { parseFeeTiers } from "./products/access/fees/platform-fee.ts";

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

/** What every process reads. Money and durations keep the unit their name says. */
export const shared = {
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
  ACCESS_RPC_ENDPOINTS: commaList
    .transform((entries) => entries.map(readEndpoint))
    .refine(
      (endpoints) => endpoints.every(({ name, rpcUrl }) => name !== "" && /^https?:\/\/[^/]/.test(rpcUrl)),
      "expected networks with their nodes, such as polygon=https://rpc.example.com, separated by commas",
    )
    .default([]),
  ACCEPTED_TOKENS: commaList
    .refine((symbols) => symbols.length > 0, "expected symbols such as USDC, separated by commas")
    .default(["USDC"]),
  PAYAI_FACILITATOR_URL: url.optional(),
  PAYAI_API_KEY: z.string().min(1).optional(),
  PAYAI_API_KEY_ID: z.string().min(1).optional(),
  PAYAI_API_KEY_SECRET: z.string().min(1).optional(),
  /** Sent only where PAYAI_VERSION_HEADER names a header. */
  PAYAI_VERSION: z
    .string()
    .regex(/^[!-~]{1,64}$/)
    .default("2024-01-24"),
  PAYAI_VERSION_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "expected the name of a header")
    .optional(),
  /** Which network the seed's own headers of a 402 speak of, where several are offered. */
  PAYAI_NETWORK: z.string().min(1).max(64).optional(),
  FACILITATOR_URL: commaList
    .refine(
      (urls) => urls.every((text) => /^https?:\/\/[^/\s]/.test(text) && URL.canParse(text)),
      "expected http(s) URLs, separated by commas",
    )
    .default([]),
  FACILITATOR_TOKEN: z.string().min(24, "use at least 24 characters").optional(),
  GRACE_SECONDS: seconds(259_200),
  /** Whether a transaction on chain is taken as payment without the quote it paid: for trying out, never in production. */
  PAY2_BARE: flag.default(false),
  /** How long a quote of the access room can be paid. */
  PAYMENT_TIMEOUT: z.coerce.number().int().min(10).max(3600).default(300),
  NOTIFY_ALLOW_PRIVATE_HOSTS: flag.default(false),
  PUBLIC_URL: url.optional(),
  SERVER_DOMAIN: z.string().min(1).optional(),
  VENDOR_NAME: z.string().min(1).default("Tollkeeper"),
  SUPPORT_URL: url.optional(),
  PLATFORM_FEE_BASIS_POINTS: z.coerce.number().int().min(0).max(10_000).default(200),
  PLATFORM_FEE_TIERS: z.string().default("").transform(readFeeTiers),
  /** The wallets that take payments for custodial merchants; their keys are the worker's. Without one a network has direct mode only. */
  SETTLEMENT_WALLET_EVM: address.optional(),
  SETTLEMENT_WALLET_SOLANA: z
    .string()
    .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, "expected an address in base 58")
    .optional(),
  PAYOUT_MINIMUM_USD: z
    .string()
    .regex(/^[0-9]{1,7}(\.[0-9]{1,9})?$/)
    .default("1"),
  DEPOSIT_POLL_MILLISECONDS: z.coerce.number().int().min(50).max(60_000).default(1_000),
};

/** What only the API reads. */
export const apiOnly = {
  LISTEN_ADDR: z
    .string()
    .regex(/^.+:[0-9]{1,5}$/, "expected host:port")
    .refine((text) => !(Number(text.slice(text.lastIndexOf(":") + 1)) > 65_535), "expected a port of at most 65535")
    .optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  ADMIN_API_TOKEN: z.string().min(24, "use at least 24 characters").optional(),
  CORS_ORIGINS: commaList.optional(),
  ALLOWED_ORIGINS: commaList.optional(),
  FRONTEND_URL: url.optional(),
  /** The unit of an asset that is created without one. */
  UNIT_TYPE: z.enum(["minute", "hour", "day", "session"]).default("minute"),
  /** Deprecated: every merchant registers wallets of its own. */
  MERCHANT_WALLET: z.string().min(1).optional(),
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

/** What only the worker reads. */
export const workerOnly = {
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

/** `name=url`: the URL may have more of that sign. */
function readEndpoint(entry: string): { readonly name: string; readonly rpcUrl: string } {
  const [name = "", ...rest] = entry.split("=");
  return { name: name.trim(), rpcUrl: rest.join("=").trim() };
}

function readFeeTiers(text: string, context: z.RefinementCtx) {
  const tiers = parseFeeTiers(text);
  if (tiers !== null) return tiers;
  context.addIssue({ code: "custom", message: "expected dollars:basis points, such as 0:200,10000:150,100000:100" });
  return [];
}

/** What only our own facilitator reads. */
export const facilitatorOnly = {
  FACILITATOR_LISTEN_ADDR: z
    .string()
    .regex(/^.+:[0-9]{1,5}$/, "expected host:port")
    .refine((text) => !(Number(text.slice(text.lastIndexOf(":") + 1)) > 65_535), "expected a port of at most 65535")
    .default("127.0.0.1:3402"),
  FACILITATOR_KEYSTORE_FILE: z.string().min(1),
  FACILITATOR_PASSWORD_FILE: z.string().min(1),
  FACILITATOR_MAX_COMPUTE_UNITS: z.coerce.number().int().min(20_000).max(1_400_000).default(60_000),
  FACILITATOR_MAX_PRIORITY_FEE: z.coerce.number().int().min(1).max(5_000_000).default(50_000),
  FACILITATOR_CONFIRM_SECONDS: z.coerce.number().int().min(1).max(100).default(60),
  FACILITATOR_MAX_NETWORK_FEE: commaList
    .transform((entries) => entries.map(readNetworkFee))
    .refine(
      (fees) => fees.every(({ coins }) => /^[0-9]{1,6}(\.[0-9]{1,18})?$/.test(coins)) && fees.some(isForAll),
      "expected coins for each settlement by network, and * for the others, such as *=0.002,polygon=0.5",
    )
    .default([
      { network: "*", coins: "0.002" },
      { network: "polygon", coins: "0.5" },
      { network: "polygon-amoy", coins: "0.5" },
    ]),
  FACILITATOR_STUCK_SECONDS: z.coerce.number().int().min(5).max(3_600).default(180),
  FACILITATOR_LOW_SETTLEMENTS: z.coerce.number().int().min(0).max(1_000_000).default(200),
};

function readNetworkFee(entry: string): { readonly network: string; readonly coins: string } {
  const [network = "", coins = ""] = entry.split("=");
  return { network: network.trim(), coins: coins.trim() };
}

function isForAll({ network }: { readonly network: string }): boolean {
  return network === "*";
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
