import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { assignDeposit, listSuspense } from "../../../../src/integrations/chains/deposits/suspense.ts";
import type { ChainRegistry } from "../../../../src/integrations/chains/registry.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld } from "../chain-world.ts";

const DOLLAR = 1_000_000_000n;

describe.skipIf(evmMissing !== undefined)("deposits in suspense", () => {
  let world: ChainWorld;
  let chains: ChainRegistry;
  beforeAll(async () => {
    world = await startChainWorld();
    const notAsked = () => {
      throw new Error("only chains are looked up here");
    };
    chains = { chains: [world.chain], find: () => world.chain, findToken: notAsked };
  });
  afterAll(() => world.stop());

  const strayDeposit = async (units: bigint) => {
    const payee = await newPayee(world, { accepts: ["USDC"] });
    await pay(world, { to: payee.address, units, token: world.evm.usdt });
    await scanDeposits(world);
    const [deposit] = await readDeposits(world.database, payee);
    if (deposit?.status !== "suspense") throw new Error("the deposit is not in suspense");
    return { payee, deposit };
  };
  const assign = (depositId: string, purchaseId: string) =>
    world.database.transaction((transaction) =>
      assignDeposit(
        transaction,
        { ledger: world.ledger, chains },
        { depositId, account: accounts.purchase(purchaseId) },
      ),
    );

  it("are given to one customer once, however many ask at once, and to nobody else afterwards", async () => {
    const { payee, deposit } = await strayDeposit(5n * ONE_DOLLAR);
    const other = await newPayee(world);
    const held = await balanceOf(world, accounts.suspense("wrong-token"));
    const answers = await Promise.all([1, 2, 3, 4].map(() => assign(deposit.id, payee.purchaseId)));
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(answers.map(({ entryId }) => entryId)).size).toBe(1);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5n * DOLLAR);
    expect(await balanceOf(world, accounts.suspense("wrong-token"))).toBe(held - 5n * DOLLAR);
    expect(await readDeposits(world.database, payee)).toMatchObject([
      { status: "confirmed", waitingFor: null, assignedFrom: "suspense/wrong-token", sweepId: null },
    ]);
    await expect(assign(deposit.id, other.purchaseId)).rejects.toMatchObject({ code: "deposit_not_assignable" });
    expect(await balanceOf(world, accounts.purchase(other.purchaseId))).toBe(0n);
    expect(await wakesOf(world, `purchase/${payee.purchaseId}`)).toBeGreaterThan(1);
  });

  it("may be given to somebody else than the address is of", async () => {
    const { payee, deposit } = await strayDeposit(2n * ONE_DOLLAR);
    const other = await newPayee(world);
    await assign(deposit.id, other.purchaseId);
    expect(await balanceOf(world, accounts.purchase(other.purchaseId))).toBe(2n * DOLLAR);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
  });

  it("stay where they are when the account does not exist, the deposit does not, or it is nobody's to give", async () => {
    const { payee, deposit } = await strayDeposit(ONE_DOLLAR);
    await expect(assign(deposit.id, "pur_never_opened")).rejects.toMatchObject({ code: "unknown_account" });
    expect(await readDeposits(world.database, payee)).toMatchObject([{ status: "suspense" }]);
    await expect(assign("dep_none", payee.purchaseId)).rejects.toMatchObject({ code: "deposit_not_found" });
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    await scanDeposits(world);
    const credited = (await readDeposits(world.database, payee)).find(({ status }) => status === "confirmed");
    await expect(assign(credited?.id ?? "", payee.purchaseId)).rejects.toMatchObject({
      code: "deposit_not_assignable",
    });
  });

  it("are taken back from whoever has them when the chain loses them", async () => {
    const before: unknown = await world.provider.send("evm_snapshot", []);
    const { payee, deposit } = await strayDeposit(3n * ONE_DOLLAR);
    const held = await balanceOf(world, accounts.suspense("wrong-token"));
    const { deposit: second } = await strayDeposit(4n * ONE_DOLLAR);
    await assign(deposit.id, payee.purchaseId);
    await world.provider.send("evm_revert", [before]);
    await world.evm.mine(4);
    await scanDeposits(world);
    await world.evm.mine(4);
    expect(await scanDeposits(world)).toMatchObject({ reversed: 2 });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
    expect(await balanceOf(world, accounts.suspense("wrong-token"))).toBe(held - 3n * DOLLAR);
    await expect(assign(second.id, payee.purchaseId)).rejects.toMatchObject({ code: "deposit_not_assignable" });
  });

  it("are listed oldest first in pages that neither skip nor repeat", async () => {
    for (const units of [1n, 2n, 3n]) await strayDeposit(units * ONE_DOLLAR);
    const all = (await listSuspense(world.database)).deposits.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listSuspense>> = await listSuspense(world.database, { cursor, limit: 2 });
      paged.push(...page.deposits.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(paged).toEqual(all);
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect((await listSuspense(world.database, { reason: "native-coin" })).deposits).toEqual([]);
    expect((await listSuspense(world.database, { cursor: "'; DROP TABLE deposits" })).deposits).toHaveLength(
      all.length,
    );
  });
});
