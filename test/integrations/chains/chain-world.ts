import { setTimeout as sleep } from "node:timers/promises";
import { Contract, getCreateAddress, HDNodeWallet, JsonRpcProvider, Wallet } from "ethers";
import {
  type AllocatedAddress,
  allocateDepositAddress,
} from "../../../src/integrations/chains/addresses/deposit-addresses.ts";
import type { Chain, ChainNetwork } from "../../../src/integrations/chains/chain.ts";
import { scanDeposits } from "../../../src/integrations/chains/deposits/deposits.ts";
import { openEvmChain } from "../../../src/integrations/chains/evm/chain.ts";
import { createKeystore } from "../../../src/integrations/chains/evm/create-keystore.ts";
import { openKeyRing } from "../../../src/integrations/chains/evm/key-ring.ts";
import { openKeystoreSigner } from "../../../src/integrations/chains/evm/keystore-signer.ts";
import { localNetwork } from "../../../src/integrations/chains/evm/networks.ts";
import type { KeyRing } from "../../../src/integrations/chains/key-ring.ts";
import {
  broadcastTransaction,
  checkTransaction,
  type TransactionState,
} from "../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import type { Signer } from "../../../src/integrations/chains/signer.ts";
import type { SweepNeeds } from "../../../src/integrations/chains/sweeps/methods/sweep-method.ts";
import { type PreparedSweep, prepareSweep } from "../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../../src/ledger/ledger.ts";
import { openAccount } from "../../../src/ledger/open-account.ts";
import { type Database, openDatabase } from "../../../src/platform/database/pool.ts";
import { newId } from "../../../src/platform/ids.ts";
import { readOpenPayout } from "../../../src/products/access/fees/payout-store.ts";
import { createTestDatabase } from "../../support/database.ts";
import { startTestEvm } from "../../support/evm.ts";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PASSWORD = "only for tests, twelve and more";
const ONE_COIN = 10n ** 18n;

/** One dollar of a 6-decimal token in base units. */
export const ONE_DOLLAR = 1_000_000n;

/** A chain, a database and keys of one test file's own. */
export type ChainWorld = Awaited<ReturnType<typeof startChainWorld>>;

/** A payer's address with its purchase account. */
export type Payee = AllocatedAddress & { readonly purchaseId: string };

/** Starts everything a chain test stands on: real anvil, real Postgres, a light keystore, the ledger. */
export async function startChainWorld() {
  const [evm, testDatabase] = await Promise.all([startTestEvm(), createTestDatabase()]);
  const database = openDatabase(testDatabase.applicationUrl, { maxConnections: 12, name: "chains-test" });
  const keystore = await createKeystore({ mnemonic: PHRASE, password: PASSWORD, strength: "light" });
  const network = localNetwork({ usdc: evm.usdc, usdt: evm.usdt });
  const chain = openEvmChain({ network, rpcUrl: evm.rpc });
  const signer = await openKeystoreSigner({
    keystoreJson: keystore.keystoreJson,
    password: PASSWORD,
    networks: [network],
    readReceipt: (_chainId, hash) => chain.readReceipt(hash),
    readPayout: (id) => readOpenPayout(database, id),
  });
  await evm.fund(signer.vendorWallet, ONE_COIN);
  const ledger = openLedger({ databaseUrl: testDatabase.applicationUrl, lanes: 1 });
  const logger = { warn: () => undefined };
  return {
    evm,
    database,
    ownerUrl: testDatabase.ownerUrl,
    keystore,
    network,
    chain,
    signer,
    ledger,
    logger,
    keyRing: openKeyRing(keystore.depositXpub),
    provider: new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 }),
    stop: async () => {
      await ledger.close();
      await database.destroy();
      await Promise.all([evm.stop(), testDatabase.drop()]);
    },
  };
}

/** A fresh deposit address whose deposits are credited to a fresh purchase; with `accepts`, only those of these tokens. */
export async function newPayee(
  world: { readonly database: Database; readonly keyRing: KeyRing },
  options: { readonly accepts?: readonly string[] } = {},
): Promise<Payee> {
  const purchaseId = newId("pur");
  const account = accounts.purchase(purchaseId);
  return world.database.transaction(async (transaction) => {
    await openAccount(transaction, { account, wakeSubject: `purchase/${purchaseId}` });
    const allocated = await allocateDepositAddress(
      { database: transaction, keyRing: world.keyRing },
      { chainKind: "evm", account, wakeSubject: `purchase/${purchaseId}`, ...options },
    );
    return { ...allocated, purchaseId };
  });
}

/** Sends tokens as a customer does, by a plain transfer; mined at once. Returns the transaction hash. */
export async function pay(
  world: Pick<ChainWorld, "evm" | "provider">,
  input: { readonly to: string; readonly units: bigint; readonly token?: string },
): Promise<string> {
  const token = new Contract(
    input.token ?? world.evm.usdc,
    ["function transfer(address to, uint256 value)"],
    faucet(world),
  );
  const sent = await token.getFunction("transfer").send(input.to, input.units);
  await sent.wait();
  return sent.hash;
}

/** Sends several transfers (each below 65,536 units) in one transaction, by a contract that only lives for it. */
export async function payInOneTransaction(
  world: Pick<ChainWorld, "evm" | "provider">,
  input: { readonly to: string; readonly units: readonly bigint[] },
): Promise<string> {
  const from = faucet(world);
  const contract = getCreateAddress({ from: from.address, nonce: (await from.getNonce()) + 1 });
  await pay(world, { to: contract, units: input.units.reduce((sum, units) => sum + units, 0n) });
  const calls = input.units.map((units) =>
    [
      `7fa9059cbb${"0".repeat(56)}600052`, // mstore(0, selector of transfer)
      `73${input.to.slice(2)}600452`, // mstore(4, to)
      `61${units.toString(16).padStart(4, "0")}602452`, // mstore(36, units)
      `6000600060446000600073${world.evm.usdc.slice(2)}5af150`, // call(gas, token, 0, 0, 68, 0, 0)
    ].join(""),
  );
  const sent = await from.sendTransaction({ data: `0x${calls.join("")}00`, gasLimit: 500_000n });
  await sent.wait();
  return sent.hash;
}

/** The wallet that owns plenty of everything. */
export function faucet(world: Pick<ChainWorld, "evm" | "provider">): Wallet {
  return new Wallet(world.evm.faucetKey, world.provider);
}

/** Token base units an address holds. */
export async function tokenBalance(world: Pick<ChainWorld, "evm" | "chain">, owner: string): Promise<bigint> {
  return world.chain.readTokenBalance({ token: world.evm.usdc, owner });
}

/** A chain with some methods replaced: a node that lies, lags or dies. */
export function withChain(chain: Chain, change: Partial<Chain> & { readonly network?: ChainNetwork }): Chain {
  return { ...chain, ...change };
}

/** Who may freeze accounts of the local USDC: its deployer. */
export function tokenOwner(world: Pick<ChainWorld, "provider">): HDNodeWallet {
  const phrase = "test test test test test test test test test test test junk";
  return HDNodeWallet.fromPhrase(phrase, "", "m/44'/60'/0'/0/9").connect(world.provider);
}

/** The gas tank's own key, to send from it behind our back. */
export function vendorWallet(world: Pick<ChainWorld, "provider">): HDNodeWallet {
  return HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/1'/0/0").connect(world.provider);
}

/** What must never be seen outside the signer: words, password, and the keys of the first deposit addresses and the gas tank. */
export function secretsOfWorld(): readonly string[] {
  const root = HDNodeWallet.fromPhrase(PHRASE, "", "m");
  const paths = [
    "m/44'/60'/0'",
    "m/44'/60'/1'/0/0",
    ...Array.from({ length: 30 }, (_, index) => `m/44'/60'/0'/0/${index}`),
  ];
  return [
    PHRASE,
    PASSWORD,
    root.extendedKey.toLowerCase(),
    ...paths.map((path) => root.derivePath(path).privateKey.slice(2)),
  ];
}

/** A signer over the same keys with a cold treasury. */
export async function signerWithTreasury(
  world: Pick<ChainWorld, "keystore" | "network" | "chain">,
  treasury: string,
): Promise<Signer> {
  const { keystoreJson } = world.keystore;
  const readReceipt = (_chainId: number, hash: string) => world.chain.readReceipt(hash);
  return openKeystoreSigner({ keystoreJson, password: PASSWORD, networks: [world.network], treasury, readReceipt });
}

/** A payee whose deposit of `units` is confirmed. */
export async function paidPayee(world: ChainWorld, units: bigint): Promise<Payee> {
  const payee = await newPayee(world);
  await pay(world, { to: payee.address, units });
  await scanDeposits(world);
  return payee;
}

/** Prepares a sweep that must not be settled already. */
export async function prepareOpen(
  needs: SweepNeeds,
  payee: Payee,
): Promise<PreparedSweep & { readonly state: "prepared" }> {
  const sweep = await prepareSweep(needs, payee);
  if (sweep.state !== "prepared") throw new Error("the sweep is settled already");
  return sweep;
}

/** Broadcasts a prepared sweep and answers where it stands once the chain, which mines at once, has it. */
export async function send(
  world: ChainWorld,
  sweep: { readonly outgoingTransactionId: string },
): Promise<TransactionState> {
  await broadcastTransaction(world, sweep);
  return waitUntilMined(world, sweep);
}

/** Adds blocks until a transaction is final and no longer pending, for at most ten seconds. */
export async function waitUntilMined(
  world: ChainWorld,
  sweep: { readonly outgoingTransactionId: string },
): Promise<TransactionState> {
  for (let tries = 0; tries < 100; tries += 1) {
    const checked = await checkTransaction(world, sweep);
    if (checked.state !== "pending") return checked;
    await world.evm.mine(world.network.finalityBlocks);
    await sleep(100);
  }
  return { state: "pending" };
}
