import { join } from "node:path";
import type { FacilitatorFiles } from "./facilitator-keys.ts";
import type { SandboxParts } from "./parts-start.ts";
import type { SandboxSecrets } from "./secrets.ts";
import { SOLANA_CHAIN } from "./solana-vendor.ts";

/** The name of the local chain on our wire: what `initiate` takes as `chain`. */
export const LOCAL_CHAIN = "local";

type World = {
  readonly folder: string;
  readonly parts: SandboxParts;
  readonly secrets: SandboxSecrets;
  readonly apiPort: number;
  /** Absent where none is started, as in a benchmark of something else. */
  readonly facilitator?: FacilitatorFiles & { readonly port: number };
};

/** The API's whole configuration. It is told of no private key and of no storage key. */
export function apiEnvironment(world: World): NodeJS.ProcessEnv {
  return {
    ...sharedEnvironment(world),
    LISTEN_ADDR: `127.0.0.1:${world.apiPort}`,
    ADMIN_API_TOKEN: world.secrets.adminToken,
    RATE_LIMITS: process.env.RATE_LIMITS ?? "relaxed",
    // Seed 001's own walk names a transaction and nothing else; whoever listens here pays with made-up money.
    PAY2_BARE: process.env.PAY2_BARE ?? "true",
  };
}

/** The worker's whole configuration, with the signer's files. */
export function workerEnvironment(world: World): NodeJS.ProcessEnv {
  const { parts, secrets } = world;
  return {
    ...sharedEnvironment(world),
    SIGNER_KEYSTORE_FILE: secrets.keystoreFile,
    SIGNER_PASSWORD_FILE: secrets.passwordFile,
    AWS_REGION: parts.s3.region,
    AWS_ACCESS_KEY_ID: parts.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: parts.s3.secretAccessKey,
    S3_ENDPOINT: parts.s3.endpoint,
    S3_IDENTITY: parts.s3.isOurs ? "versitygw" : (process.env.S3_IDENTITY ?? "iam"),
    NOTIFY_WEBHOOK_URL: parts.inbox.url,
    NOTIFY_WEBHOOK_SECRET: secrets.webhookSecret,
    OFFICEX_HOSTS: parts.officex.host,
    SMTP_URL: parts.mail.url,
    MAIL_FROM: "Tollkeeper <billing@tollkeeper.example>",
  };
}

/** Our own facilitator's: the chains, the database and its own keystore, and no secret of the others. */
export function facilitatorEnvironment(world: World & Required<Pick<World, "facilitator">>): NodeJS.ProcessEnv {
  const { keystoreFile, passwordFile, port } = world.facilitator;
  const { TOLLKEEPER_MASTER_KEY: _, ...shared } = sharedEnvironment(world);
  return {
    ...shared,
    FACILITATOR_LISTEN_ADDR: `127.0.0.1:${port}`,
    FACILITATOR_KEYSTORE_FILE: keystoreFile,
    FACILITATOR_PASSWORD_FILE: passwordFile,
  };
}

function sharedEnvironment({ folder, parts, secrets, apiPort, facilitator }: World): NodeJS.ProcessEnv {
  return {
    ...withoutSecrets(process.env),
    NODE_ENV: "development",
    TZ: "UTC",
    // The user's own .secrets/ belongs to another deployment.
    SECRETS_DIR: join(folder, "no-secrets"),
    PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
    DATABASE_URL: parts.postgres.applicationUrl,
    TEMPORAL_ADDRESS: parts.temporal.address,
    TEMPORAL_NAMESPACE: parts.temporal.namespace,
    TOLLKEEPER_MASTER_KEY: secrets.masterKey,
    RPC_ENDPOINT: parts.evm.rpc,
    CHAIN_ID_DEC: String(parts.evm.chainId),
    CHAIN_NAME: LOCAL_CHAIN,
    USDC_ADDRESS: parts.evm.usdc,
    USDT_ADDRESS: parts.evm.usdt,
    SETTLEMENT_WALLET_EVM: secrets.settlementWallets.evm,
    ...solanaEnvironment({ parts, secrets }),
    // Somebody's own PayAI account has no part in a made-up chain.
    PAYAI_FACILITATOR_URL: "",
    FACILITATOR_URL: facilitator === undefined ? "" : `http://127.0.0.1:${facilitator.port}`,
    DEPOSIT_XPUB: secrets.depositXpub,
    NOTIFY_ALLOW_PRIVATE_HOSTS: "true",
    DEPOSIT_POLL_MILLISECONDS: process.env.DEPOSIT_POLL_MILLISECONDS ?? "250",
    // Long enough to top up by hand, short enough to watch a termination.
    GRACE_SECONDS: process.env.GRACE_SECONDS ?? "20",
  };
}

/** Where no chain runs, Solana is switched off, whatever the environment of whoever started us says. */
function solanaEnvironment({ parts, secrets }: Pick<World, "parts" | "secrets">): NodeJS.ProcessEnv {
  const { solana } = parts;
  if (solana === undefined) return { SOLANA_RPC: "", SETTLEMENT_WALLET_SOLANA: "" };
  return {
    SOLANA_RPC: solana.rpc,
    SOLANA_NETWORK: "local",
    SOLANA_CHAIN_NAME: SOLANA_CHAIN,
    SOLANA_USDC_MINT: solana.usdcMint,
    SETTLEMENT_WALLET_SOLANA: secrets.settlementWallets.solana,
  };
}

const SECRET_VARIABLES = new Set([
  "DATABASE_OWNER_URL",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "SMTP_URL",
  "PAYAI_API_KEY",
  "PAYAI_API_KEY_ID",
  "PAYAI_API_KEY_SECRET",
  "FACILITATOR_TOKEN",
]);

/** What the person who typed `npm start` has in the environment, less what a process is not to know or what we set ourselves. */
function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRET_VARIABLES.has(name)));
}
