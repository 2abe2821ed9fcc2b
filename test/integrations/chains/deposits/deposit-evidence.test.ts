import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { judgeDeposit } from "../../../../src/integrations/chains/deposits/deposit-evidence.ts";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld, withChain } from "../chain-world.ts";

const LARGE = 5_000n * ONE_DOLLAR;

describe.skipIf(evmMissing !== undefined)("the proof of a deposit", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const observed = async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: LARGE });
    await scanDeposits(world);
    const [deposit] = await readDeposits(world.database, payee);
    if (deposit === undefined) throw new Error("nothing was observed");
    return { payee, deposit };
  };
  const judge = async (change: Partial<Chain>) => {
    const { deposit } = await observed();
    return judgeDeposit({ ...world, chain: withChain(world.chain, change) }, { deposit, blocks: 1 });
  };
  const receiptWith = (change: object): Partial<Chain> => ({
    readReceipt: async (hash) => {
      const receipt = await world.chain.readReceipt(hash);
      return receipt && { ...receipt, ...change };
    },
  });

  it("is complete when block, receipt and tokens say the same, and says what was owed before", async () => {
    expect(await judge({})).toEqual({ verdict: "proven", amountUnits: LARGE, atTreasury: false, owedUnits: 0n });
  });

  it.each([
    ["a receipt without its logs", receiptWith({ transfers: [] }), "receipt_incomplete"],
    ["a receipt of another block", receiptWith({ block: { number: 1, hash: "0x1" } }), "receipt_missing"],
    ["a receipt of a failure", receiptWith({ succeeded: false }), "receipt_missing"],
    ["no receipt", { readReceipt: async () => undefined }, "receipt_missing"],
    ["no block", { readBlockHash: async () => undefined }, "block_unknown"],
    ["another block", { readBlockHash: async () => "0x2" }, "block_replaced"],
    ["an empty address", { readTokenBalance: async () => 0n }, "nothing_arrived"],
  ] as const)("C05: fails with %s", async (_, change, verdict) => {
    expect(await judge(change)).toMatchObject({ verdict });
  });

  it("C05: a receipt cut short takes no deposit out: it waits, and is credited when the node shows all of it", async () => {
    const { payee } = await observed();
    await world.evm.mine(3);
    const truncated = withChain(world.chain, { ...receiptWith({ transfers: [] }), readTransfers: async () => [] });
    await scanDeposits({ ...world, chain: truncated });
    expect(await readDeposits(world.database, payee)).toMatchObject([
      { status: "observed", waitingFor: "receipt_incomplete" },
    ]);
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5_000_000_000_000n);
  });
});
