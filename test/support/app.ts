import { HDNodeWallet } from "ethers";
import type { Knex } from "knex";
import { createApp, openAppSockets } from "../../src/app.ts";
import { readApiConfig } from "../../src/config.ts";
import type { ApiContext } from "../../src/context.ts";
import { openApiContext } from "../../src/context.ts";
import { scanDeposits } from "../../src/integrations/chains/deposits/deposits.ts";
import { DEPOSIT_ACCOUNT_PATH } from "../../src/integrations/chains/evm/key-ring.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import type { RunningServer } from "../../src/platform/http/serve.ts";
import { startServer } from "../../src/platform/http/serve.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { openCashier } from "../../src/products/purchases/cashier.ts";
import { applyOffers } from "../../src/products/purchases/offer-store.ts";
import { readOfferFile } from "../../src/products/purchases/offers.ts";
import { createTestDatabase } from "./database.ts";
import { type ScriptedChain, scriptChain } from "./scripted-chain.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const MAXIMUM_REPLY_MS = 20_000;

/** The operator's token of every app under test. */
export const ADMIN_TOKEN = "operator-token-of-these-tests-0001";

/** The token the offers of this server take, on the scripted chain. */
export const USDC = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/** One call: a JSON body as `json`, exact bytes as `raw`, a key as `key`. POST when there is a body, unless told. */
export type Call = {
  readonly method?: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer with its body read; every endpoint here answers with a JSON object. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The API process under test: the real application, database and ledger; only the chain's node is scripted. */
export type TestApp = {
  readonly context: ApiContext;
  readonly database: Knex;
  /** The same database as its owner: to look, and to move what no application may. */
  readonly owner: Knex;
  /** Added to the machine's time everywhere. */
  readonly clock: { offsetMs: number };
  readonly chain: ScriptedChain;
  readonly server: RunningServer;
  readonly lines: readonly string[];
  /** Set to take the server out of rotation, as SIGTERM does. */
  readonly lifecycle: { isDraining: boolean };
  call(path: string, init?: Call): Promise<Reply>;
  /** One pass of the chain's watcher. */
  watch(): Promise<void>;
  close(): Promise<void>;
};

/** The environment of an API process on `databaseUrl`; `settings` are variables on top. */
export function apiEnvironment(databaseUrl: string, settings: Readonly<Record<string, string>> = {}) {
  return {
    NODE_ENV: "test",
    LOG_LEVEL: "silent",
    SECRETS_DIR: "/nonexistent",
    DATABASE_URL: databaseUrl,
    TOLLKEEPER_MASTER_KEY: "5e".repeat(32),
    RPC_ENDPOINT: "http://127.0.0.1:9",
    CHAIN_ID_DEC: "31337",
    CHAIN_NAME: "local",
    USDC_ADDRESS: USDC,
    USDT_ADDRESS: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
    DEPOSIT_XPUB: HDNodeWallet.fromPhrase(PHRASE, "", DEPOSIT_ACCOUNT_PATH).neuter().extendedKey,
    ADMIN_API_TOKEN: ADMIN_TOKEN,
    PUBLIC_URL: "https://shop.example",
    RATE_LIMITS: "off",
    ...settings,
  };
}

/**
 * Starts an app on a free port with an empty database, the offers applied and no rate limits; `settings` are variables on top, and
 * `adapt` replaces adapters that cannot be brought into a state from outside.
 */
export async function startTestApp(
  settings: Readonly<Record<string, string>> = {},
  adapt: (context: ApiContext) => Partial<ApiContext> = () => ({}),
): Promise<TestApp> {
  const test = await createTestDatabase();
  const config = readApiConfig(apiEnvironment(test.applicationUrl, settings));
  const opened = await openApiContext(config);
  const owner = openDatabase(test.ownerUrl, { maxConnections: 2, name: "test-owner" });
  const { context, chain, clock, lines } = onScriptedChain({ ...opened, ...adapt(opened) });
  await applyOffers(opened.database, readOfferFile());
  const lifecycle = { isDraining: false };
  const app = createApp({ context, config, isDraining: () => lifecycle.isDraining });
  const options = { host: "127.0.0.1", port: 0, requestTimeoutMs: MAXIMUM_REPLY_MS };
  const server = await startServer(context, app, options);
  const sockets = await openAppSockets({ context, config }, server.server);
  return {
    ...{ context, owner, clock, chain, server, lines, lifecycle },
    database: context.database,
    call: (path, init = {}) => call(`${server.url}${path}`, init),
    watch: async () => {
      await scanDeposits({ ...context, chain: chain.chain });
    },
    close: async () => {
      await sockets.drain(0);
      await server.drain(0);
      await context.close();
      await owner.destroy();
      await test.drop();
    },
  };
}

function onScriptedChain(opened: ApiContext) {
  const [network] = opened.networks;
  if (network === undefined) throw new Error("the configuration names no chain");
  const chain = scriptChain(network);
  const clock = { offsetMs: 0 };
  const lines: string[] = [];
  const logger = createLogger({
    level: "debug",
    name: "test",
    destination: { write: (line) => void lines.push(line) },
  });
  const chains = {
    ...opened.chains,
    chains: [chain.chain],
    find: (name: string) => {
      opened.chains.find(name);
      return chain.chain;
    },
  };
  const { database, ledger, keyRing } = opened;
  const cashier = openCashier({ database, ledger, chains, keyRing, logger });
  const context = { ...opened, logger, chains, cashier, clock: { now: () => Date.now() + clock.offsetMs } };
  return { context, chain, clock, lines };
}

async function call(url: string, init: Call): Promise<Reply> {
  const body = init.json === undefined ? init.raw : JSON.stringify(init.json);
  const response = await fetch(url, {
    method: init.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(init.key === undefined ? {} : { authorization: `Bearer ${init.key}` }),
      ...init.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
}
