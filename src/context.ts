import { readFile } from "node:fs/promises";
import type { Knex } from "knex";
import type { Registry } from "prom-client";
import { type AccessNetworks, openAccessNetworks } from "./access-networks.ts";
import type { ApiConfig, ChainConfig, SharedConfig } from "./config.ts";
import type { KeyCache } from "./identity/key-cache.ts";
import { openKeyCache } from "./identity/key-cache.ts";
import type { ChainNetwork } from "./integrations/chains/chain.ts";
import { openKeyRing } from "./integrations/chains/evm/key-ring.ts";
import { configuredNetwork } from "./integrations/chains/evm/networks.ts";
import type { KeyRing } from "./integrations/chains/key-ring.ts";
import type { ChainRegistry } from "./integrations/chains/registry.ts";
import { type ChainSetting, openChains } from "./integrations/chains/registry.ts";
import { solanaNetwork } from "./integrations/chains/solana/networks.ts";
import type { Facilitators } from "./integrations/x402/facilitator.ts";
import { type FacilitatorSettings, openFacilitators } from "./integrations/x402/facilitators.ts";
import type { X402Network } from "./integrations/x402/networks.ts";
import { openReceiptKey, type ReceiptKey } from "./integrations/x402/receipts.ts";
import { openSignIn, type SignIn } from "./integrations/x402/sign-in.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { openLedger } from "./ledger/ledger.ts";
import { type Nanodollars, parseDollars } from "./money/nanodollars.ts";
import type { Clock } from "./platform/clock.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database/pool.ts";
import { createMetrics } from "./platform/http/metrics.ts";
import type { Logger } from "./platform/logger.ts";
import { createLogger } from "./platform/logger.ts";
import type { MasterKey } from "./platform/secrets.ts";
import { parseMasterKey } from "./platform/secrets.ts";
import type { PlatformFee } from "./products/access/fees/platform-fee.ts";
import { openCashier } from "./products/purchases/cashier.ts";
import type { Cashier } from "./products/purchases/checkout.ts";
import type { Vendor } from "./products/purchases/vendor.ts";

const PAYAI_URL = "https://facilitator.payai.network";

/** The adapters every process has, each built once. None of them holds a private key. */
export type Context = {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly database: Knex;
  readonly ledger: Ledger;
  readonly masterKey: MasterKey;
  readonly networks: readonly ChainNetwork[];
  readonly chains: ChainRegistry;
  /** Every chain that access can be paid on; those of `chains` among them, and others that nobody watches for deposits. */
  readonly accessChains: ChainRegistry;
  /** What is offered to payers now: a network leaves this list while its node turns out to be another chain or token than we know. */
  readonly x402Networks: readonly X402Network[];
  readonly checkX402Networks: AccessNetworks["checkX402Networks"];
  /** Who checks and settles signed payments, in order of preference; empty when none is configured. */
  readonly facilitators: Facilitators;
  readonly keyRing: KeyRing;
  readonly cashier: Cashier;
  readonly platformFee: PlatformFee;
  readonly payoutMinimum: Nanodollars;
  /** Signs what buyers keep as proof of their payments; no chain knows it. */
  readonly receiptKey: ReceiptKey;
  readonly metrics: Registry;
  readonly close: () => Promise<void>;
};

/** What the API has besides: its key cache, who it sells for, and how wallets prove themselves. */
export type ApiContext = Context & {
  readonly keys: KeyCache;
  readonly vendor: Vendor;
  readonly signIn: SignIn;
  /** Where clients reach the API, without a slash at its end. */
  readonly publicUrl: string;
};

/** Builds the shared adapters. `name` is the process as logs and Postgres show it. */
export function openContext(config: SharedConfig, name: string): Context {
  const logger = createLogger({ level: config.LOG_LEVEL, name });
  const masterKey = parseMasterKey(config.TOLLKEEPER_MASTER_KEY);
  const database = openDatabase(config.DATABASE_URL, { maxConnections: config.DATABASE_POOL_SIZE, name });
  const ledger = openLedger({ databaseUrl: config.DATABASE_URL });
  const settings = readChains(config);
  const networks = settings.map(({ network }) => network);
  const chains = openChains(settings);
  const keyRing = openKeyRing(config.DEPOSIT_XPUB);
  const facilitators = openFacilitators({ database, logger, clock: systemClock }, facilitatorSettings(config));
  return {
    logger,
    clock: systemClock,
    database,
    ledger,
    masterKey,
    networks,
    chains,
    ...openAccessNetworks(
      { chains },
      { endpoints: config.ACCESS_RPC_ENDPOINTS, acceptedTokens: config.ACCEPTED_TOKENS },
    ),
    facilitators,
    keyRing,
    cashier: openCashier({ database, ledger, chains, keyRing, logger }),
    receiptKey: openReceiptKey({ masterKey }),
    platformFee: { basisPoints: config.PLATFORM_FEE_BASIS_POINTS, tiers: config.PLATFORM_FEE_TIERS },
    payoutMinimum: parseDollars(config.PAYOUT_MINIMUM_USD),
    metrics: createMetrics({ processMetrics: true }),
    close: async () => {
      await facilitators.stop();
      await ledger.close();
      await database.destroy();
    },
  };
}

/** Builds what the API needs on top: keys are answered from memory and forgotten the moment one is revoked. */
export async function openApiContext(config: ApiConfig): Promise<ApiContext> {
  const context = openContext(config, "tollkeeper-api");
  const { database, logger, clock } = context;
  const keys = await openKeyCache({ database, listenUrl: config.DATABASE_URL, logger, clock });
  await context.facilitators.started;
  const vendor = {
    id: config.VENDOR_ID,
    name: config.VENDOR_NAME,
    publicUrl: publicUrl(config),
    supportUrl: config.SUPPORT_URL ?? null,
  };
  const close = async () => {
    await keys.stop();
    await context.close();
  };
  const { masterKey, x402Networks } = context;
  const signIn = openSignIn({ database, clock, masterKey, publicUrl: vendor.publicUrl, networks: x402Networks });
  return { ...context, keys, vendor, signIn, publicUrl: vendor.publicUrl, close };
}

/**
 * Our own wallet for custodial payments on a network, by its id; null where every merchant is paid directly. Payouts are sent by the vendor
 * wallet, so only chains whose gas tank this server fills have one.
 */
export function settlementWalletFinder(
  config: Pick<SharedConfig, "SETTLEMENT_WALLET_EVM" | "SETTLEMENT_WALLET_SOLANA">,
  networks: readonly ChainNetwork[],
): (id: string) => string | null {
  const { SETTLEMENT_WALLET_EVM: evm, SETTLEMENT_WALLET_SOLANA: solana } = config;
  return (id) => {
    const network = networks.find((candidate) => candidate.id === id);
    if (network === undefined) return null;
    return (network.kind === "evm" ? evm : solana) ?? null;
  };
}

/** Reads the signer's two files. Only the worker calls this; the password's trailing newline is not part of it. */
export async function readKeystore(files: { readonly keystore: string; readonly password: string }) {
  const [keystoreJson, password] = await Promise.all([
    readFile(files.keystore, "utf8"),
    readFile(files.password, "utf8"),
  ]);
  return { keystoreJson, password: password.replace(/\r?\n$/, "") };
}

/** The EVM chain, and Solana where it is configured. */
export function readChains(config: ChainConfig): readonly ChainSetting[] {
  const { RPC_ENDPOINT: node, RPC_ENDPOINT_SECOND: secondRpcUrl } = config;
  const evm = { network: readNetwork(config), rpcUrl: node, secondRpcUrl };
  const { SOLANA_RPC: rpcUrl, SOLANA_USDC_MINT: usdc } = config;
  if (rpcUrl === undefined) return [evm];
  const network = solanaNetwork({
    cluster: config.SOLANA_NETWORK,
    shortName: config.SOLANA_CHAIN_NAME,
    nativePrice: parseDollars(config.SOLANA_NATIVE_USD_PRICE),
    ...(usdc === undefined ? {} : { usdc }),
  });
  return [evm, { network, rpcUrl }];
}

function readNetwork(config: ChainConfig): ChainNetwork {
  return configuredNetwork({
    chainId: config.CHAIN_ID_DEC,
    shortName: config.CHAIN_NAME,
    nativePrice: parseDollars(config.NATIVE_USD_PRICE),
    ...(config.CHAIN_EXPLORER_URL === undefined ? {} : { explorerUrl: config.CHAIN_EXPLORER_URL }),
    ...(config.USDC_ADDRESS === undefined ? {} : { usdc: config.USDC_ADDRESS }),
    ...(config.USDT_ADDRESS === undefined ? {} : { usdt: config.USDT_ADDRESS }),
    ...(config.DEFAULT_BLOCK_CONFIRMATIONS === undefined ? {} : { confirmations: config.DEFAULT_BLOCK_CONFIRMATIONS }),
  });
}

/** PayAI's where it is configured, by its address or by a key alone; then our own. */
function facilitatorSettings(config: SharedConfig): FacilitatorSettings {
  const { PAYAI_API_KEY: key, PAYAI_API_KEY_ID: keyId, PAYAI_API_KEY_SECRET: keySecret } = config;
  const { PAYAI_VERSION_HEADER: header, PAYAI_NETWORK: preferredNetwork, FACILITATOR_TOKEN: ownToken } = config;
  const hasKey = key !== undefined || keyId !== undefined || keySecret !== undefined;
  const url = config.PAYAI_FACILITATOR_URL ?? (hasKey ? PAYAI_URL : undefined);
  const credentials = {
    ...(key === undefined ? {} : { key }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(keySecret === undefined ? {} : { keySecret }),
  };
  const version = header === undefined ? {} : { version: { header, value: config.PAYAI_VERSION } };
  return {
    ...(url === undefined ? {} : { payai: { url, credentials, ...version } }),
    own: config.FACILITATOR_URL,
    ...(ownToken === undefined ? {} : { ownToken }),
    ...(preferredNetwork === undefined ? {} : { preferredNetwork }),
  };
}

function publicUrl(config: ApiConfig): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, "");
  if (config.NODE_ENV === "production" && config.SERVER_DOMAIN !== undefined) return `https://${config.SERVER_DOMAIN}`;
  const port = config.LISTEN_ADDR?.slice(config.LISTEN_ADDR.lastIndexOf(":") + 1) ?? config.PORT;
  return `http://localhost:${port}`;
}
