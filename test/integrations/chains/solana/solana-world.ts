import { LOCAL_USDC_MINT, setLamports } from "../../../../sandbox/parts/surfnet.ts";
import { fillAddressStock } from "../../../../src/integrations/chains/addresses/address-stock.ts";
import {
  type AllocatedAddress,
  allocateDepositAddress,
} from "../../../../src/integrations/chains/addresses/deposit-addresses.ts";
import { createKeystore } from "../../../../src/integrations/chains/evm/create-keystore.ts";
import { openKeyRing } from "../../../../src/integrations/chains/evm/key-ring.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { openSolanaKeys } from "../../../../src/integrations/chains/solana/keystore-signer.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../../../src/ledger/ledger.ts";
import { openAccount } from "../../../../src/ledger/open-account.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { readOpenPayout } from "../../../../src/products/access/fees/payout-store.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { startTestSolana } from "../../../support/solana.ts";

const PASSWORD = "only for tests, twelve and more";
const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

/** A Solana chain, a database, a ledger and keys of one test file's own. */
export type SolanaWorld = Awaited<ReturnType<typeof startSolanaWorld>>;

/** Starts everything a Solana test stands on; the vendor's wallet has one SOL unless told. */
export async function startSolanaWorld(
  options: { readonly vendorLamports?: bigint; readonly slotTimeMs?: number } = {},
) {
  const [solana, testDatabase] = await Promise.all([startTestSolana(options), createTestDatabase()]);
  const database = openDatabase(testDatabase.applicationUrl, { maxConnections: 12, name: "solana-test" });
  const keystore = await createKeystore({ mnemonic: PHRASE, password: PASSWORD, strength: "light" });
  const nativePrice = nanodollars(150_000_000_000n);
  const network = solanaNetwork({ cluster: "local", shortName: "solana", nativePrice, usdc: LOCAL_USDC_MINT });
  const chain = openSolanaChain({ network, rpcUrl: solana.rpc });
  const { keystoreJson } = keystore;
  const keys = await openSolanaKeys({
    keystoreJson,
    password: PASSWORD,
    network,
    readReceipt: chain.readReceipt,
    readPayout: (id) => readOpenPayout(database, id),
  });
  const lamports = options.vendorLamports ?? 1_000_000_000n;
  await setLamports(solana.rpc, { owner: keys.signer.vendorWallet, lamports });
  const ledger = openLedger({ databaseUrl: testDatabase.applicationUrl, lanes: 1 });
  await fillAddressStock({ database, keyRing: keys.keyRing });
  const warnings: string[] = [];
  return {
    solana,
    database,
    ownerUrl: testDatabase.ownerUrl,
    ledger,
    network,
    keystore,
    warnings,
    chain,
    signer: keys.signer,
    solanaKeys: keys,
    keyRing: openKeyRing(keystore.depositXpub),
    logger: { warn: (_: unknown, message: string) => void warnings.push(message) },
    stop: async () => {
      await ledger.close();
      await database.destroy();
      solana.stop();
      await testDatabase.drop();
    },
  };
}

/** A fresh Solana deposit address whose deposits are credited to a fresh purchase. */
export async function newSolanaPayee(
  world: Pick<SolanaWorld, "database" | "keyRing">,
): Promise<AllocatedAddress & { readonly purchaseId: string }> {
  const purchaseId = newId("pur");
  const account = accounts.purchase(purchaseId);
  return world.database.transaction(async (transaction) => {
    await openAccount(transaction, { account, wakeSubject: `purchase/${purchaseId}` });
    const allocated = await allocateDepositAddress(
      { database: transaction, keyRing: world.keyRing },
      { chainKind: "solana", account, wakeSubject: `purchase/${purchaseId}` },
    );
    return { ...allocated, purchaseId };
  });
}

/** Repeats an asking until its answer is what is waited for; the chain's clock runs by itself. */
export async function until<Answer>(ask: () => Promise<Answer>, isDone: (answer: Answer) => boolean): Promise<Answer> {
  for (const end = performance.now() + 60_000; ; ) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (performance.now() > end) throw new Error(`it did not come to that; the last answer: ${String(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
