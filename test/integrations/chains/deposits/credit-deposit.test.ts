import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { creditDeposit, suspenseReason } from "../../../../src/integrations/chains/deposits/credit-deposit.ts";
import { readDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import { type ChainWorld, ONE_DOLLAR, paidPayee, startChainWorld } from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("crediting a proven deposit", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("happens once, and not on a proof that is older than the books", async () => {
    const payee = await paidPayee(world, 4n * ONE_DOLLAR);
    const account = accounts.purchase(payee.purchaseId);
    const [deposit] = await readDeposits(world.database, payee);
    if (deposit === undefined) throw new Error("nothing was credited");
    await world.database.raw("UPDATE deposits SET status = 'observed', confirmed_at = NULL WHERE id = ?", [deposit.id]);
    const proof = { verdict: "proven", amountUnits: deposit.amountUnits, atTreasury: false } as const;
    expect(await creditDeposit(world, { deposit, proof: { ...proof, owedUnits: 1n } })).toBe(false);
    expect(await balanceOf(world, account)).toBe(4_000_000_000n);
    const tries = [1, 2, 3].map(() => creditDeposit(world, { deposit, proof: { ...proof, owedUnits: 0n } }));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await balanceOf(world, account)).toBe(8_000_000_000n);
    expect(await readDeposits(world.database, payee)).toMatchObject([{ status: "confirmed", credits: 2 }]);
  });

  it("goes to suspense where the account says so", () => {
    expect(suspenseReason({ account: "suspense/wrong-token" })).toBe("wrong-token");
    expect(suspenseReason({ account: "purchase/pur_1" })).toBeUndefined();
  });
});
