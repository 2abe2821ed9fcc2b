import { createPublicClient, custom, keccak256, parseTransaction, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EvmWallet,
  readEvmWallet,
  signDearer,
} from "../../../../src/integrations/x402/own-facilitator/evm-wallet.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { BASE_SEPOLIA } from "../offers.ts";

const account = privateKeyToAccount(`0x${"0".repeat(63)}1`);
const CALL = { type: "eip1559", chainId: 84532, nonce: 5, to: account.address, data: "0xabcd", gas: 100_000n } as const;
const FEES = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };

describe("the wallet that pays for settlements", () => {
  let test: TestDatabase;
  let database: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    test = await createTestDatabase();
    database = openDatabase(test.applicationUrl, { maxConnections: 1, name: "test" });
  });
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  /** A wallet whose node has mined five of its transactions and says these amounts. */
  function wallet(node: { readonly balance: bigint; readonly gasPrice: bigint; readonly count?: number }): EvmWallet {
    const answers: Readonly<Record<string, string>> = {
      eth_getBalance: toHex(node.balance),
      eth_gasPrice: toHex(node.gasPrice),
      eth_maxPriorityFeePerGas: toHex(1n),
      eth_getTransactionCount: toHex(node.count ?? 5),
    };
    const request = async ({ method }: { readonly method: string }) => answers[method];
    return {
      ...{ network: BASE_SEPOLIA, chainId: 84532, account, database },
      client: createPublicClient({ transport: custom({ request }, { retryCount: 0 }) }),
      transact: (work) => database.transaction(work),
      spending: { mostFeeUnits: 10n ** 9n, stuckAfterSeconds: 180 },
    };
  }

  async function dearer(one: EvmWallet, isTaken = true) {
    const raw = await account.signTransaction({ ...CALL, ...FEES });
    const recorded: string[] = [];
    const unseen = { transaction: keccak256(raw), raw, wallet: account.address, versions: 1, ageSeconds: 1 };
    const found = await signDearer(one, unseen, async (version) => {
      recorded.push(version.raw);
      return isTaken;
    });
    return { found, recorded };
  }

  it("signs the very same call with the same nonce and higher fees, and writes it down first", async () => {
    const { found, recorded } = await dearer(wallet({ balance: 10n ** 18n, gasPrice: 200n }));
    expect(recorded).toEqual([found]);
    const { maxFeePerGas, ...call } = parseTransaction(`0x02${String(found).slice(4)}`);
    expect([maxFeePerGas, call]).toMatchObject([400n, { ...CALL, to: account.address.toLowerCase() }]);
  });

  it("answers nothing to send for one that another process replaced, that waits for another, or that it cannot pay", async () => {
    const rich = { balance: 10n ** 18n, gasPrice: 200n };
    expect((await dearer(wallet(rich), false)).found).toBeUndefined();
    const others = [wallet({ ...rich, count: 4 }), wallet({ ...rich, count: 6 }), wallet({ ...rich, balance: 1n })];
    for (const one of [...others, wallet({ ...rich, gasPrice: 100n })])
      expect(await dearer(one)).toEqual({ found: undefined, recorded: [] });
  });

  it("says how many settlements it pays for, and why it can settle none", async () => {
    const balance = 150_000n * 700n;
    expect(await readEvmWallet(wallet({ balance, gasPrice: 100n }))).toEqual({
      ...{ nativeUnits: balance, decimals: 18, settlementsLeft: 7, blocked: null },
    });
    const { blocked } = await readEvmWallet(wallet({ balance, gasPrice: 1_000n }));
    expect(blocked).toContain("fund it");
    const rich = await readEvmWallet(wallet({ balance: 10n ** 18n, gasPrice: 10_000n }));
    expect(rich.blocked).toContain("is spent");
  });
});
