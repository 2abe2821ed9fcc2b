import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scanDeposits } from "../../../../../src/integrations/chains/deposits/deposits.ts";
import { gasCostOf } from "../../../../../src/integrations/chains/outgoing/gas-cost.ts";
import { broadcastSweep } from "../../../../../src/integrations/chains/sweeps/broadcast-sweep.ts";
import { recordSweep } from "../../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { type PreparedSweep, prepareSweep } from "../../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../../src/ledger/chart-of-accounts.ts";
import { openDatabase } from "../../../../../src/platform/database/pool.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { balanceOf } from "../../books.ts";
import {
  type ChainWorld,
  newPayee,
  ONE_DOLLAR,
  type Payee,
  pay,
  startChainWorld,
  waitUntilMined,
} from "../../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("sweeping a token without EIP-3009", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const usdtOf = (owner: string) => world.chain.readTokenBalance({ token: world.evm.usdt, owner });
  const coinsOf = (owner: string) => world.provider.getBalance(owner);
  const paidInUsdt = async (units: bigint): Promise<Payee> => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units, token: world.evm.usdt });
    await scanDeposits(world);
    return payee;
  };
  const prepare = async (payee: Payee): Promise<PreparedSweep & { readonly state: "prepared" }> => {
    const step = await prepareSweep(world, payee);
    if (step.state !== "prepared") throw new Error("the sweep is settled already");
    return step;
  };
  /** One round as the workflow goes it. */
  const round = async (payee: Payee) => {
    const step = await prepare(payee);
    await broadcastSweep(world, step);
    const state = await waitUntilMined(world, step);
    return { step, state, recorded: await recordSweep(world, step) };
  };

  it("gives the address its gas, moves everything to the treasury, and books what both really cost to the purchase", async () => {
    const payee = await paidInUsdt(3n * ONE_DOLLAR);
    const cost = accounts.networkCost(world.network.id);
    const [booked, coins] = [await balanceOf(world, cost), await coinsOf(world.signer.vendorWallet)];
    const fuel = await round(payee);
    expect([fuel.step.purpose, fuel.recorded.outcome]).toEqual(["fuel", "fuelled"]);
    const tokens = await round(payee);
    expect([tokens.step.purpose, tokens.recorded.outcome]).toEqual(["tokens", "swept"]);
    expect(await usdtOf(payee.address)).toBe(0n);
    expect(await usdtOf(world.signer.vendorWallet)).toBe(3n * ONE_DOLLAR);
    expect(await balanceOf(world, accounts.treasury(world.network.id, "USDT"))).toBe(3_000_000_000n);
    const gone = coins - (await coinsOf(world.signer.vendorWallet)) - (await coinsOf(payee.address));
    const costs = [fuel, tokens].map(({ state }) => (state.state === "mined" ? BigInt(state.feeUnits) : 0n));
    expect(costs.reduce((sum, units) => sum + units)).toBe(gone);
    const expected = costs.map((units) => gasCostOf(world.chain, units)).reduce((sum, part) => sum + part, 0n);
    expect((await balanceOf(world, cost)) - booked).toBe(expected);
    const { rows } = await world.database.raw<{ rows: { count: string }[] }>(
      "SELECT count(*) FROM journal_entries WHERE idempotency_key LIKE 'network-fee:%' AND metadata->>'purchase' = ?",
      [payee.purchaseId],
    );
    expect(rows[0]?.count).toBe("2");
  });

  it("answers the same stored bytes in parallel and after a crash, at both of its transactions", async () => {
    const payee = await paidInUsdt(ONE_DOLLAR);
    const [first, same] = await Promise.all([prepare(payee), prepare(payee)]);
    expect(same).toEqual(first);
    await broadcastSweep(world, first);
    await waitUntilMined(world, first);
    await recordSweep(world, first);
    const [tokens, sameTokens] = await Promise.all([prepare(payee), prepare(payee)]);
    expect(sameTokens).toEqual(tokens);
    await Promise.all([broadcastSweep(world, tokens), broadcastSweep(world, tokens)]);
    await waitUntilMined(world, tokens);
    expect(await recordSweep(world, tokens)).toMatchObject({ outcome: "swept" });
  });

  it("uses native coin that is at the address already, and needs no fuel then", async () => {
    const payee = await paidInUsdt(ONE_DOLLAR);
    await world.evm.fund(payee.address, 10n ** 17n);
    expect((await round(payee)).recorded.outcome).toBe("swept");
    const again = await newPayee(world);
    await world.evm.fund(again.address, 1_000n);
    await pay(world, { to: again.address, units: ONE_DOLLAR, token: world.evm.usdt });
    await scanDeposits(world);
    const before = await coinsOf(again.address);
    await broadcastSweep(world, await prepare(again));
    expect(before).toBe(1_000n);
    expect((await round(again)).recorded.outcome).toBe("fuelled");
    expect((await round(again)).recorded.outcome).toBe("swept");
  });

  it("C13: gas fifty times dearer between the top-up and the transfer only makes a second top-up", async () => {
    const payee = await paidInUsdt(ONE_DOLLAR);
    await round(payee);
    await world.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x1bf08eb000"]);
    await world.evm.mine(1);
    const second = await round(payee);
    expect([second.step.purpose, second.recorded.outcome]).toEqual(["fuel", "fuelled"]);
    expect((await round(payee)).recorded.outcome).toBe("swept");
    await world.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
    await world.evm.mine(1);
  });

  it("C13: gas that rises after the transfer was signed is answered by fuel for a dearer version of it", async () => {
    const payee = await paidInUsdt(ONE_DOLLAR);
    await round(payee);
    const tokens = await prepare(payee);
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastSweep(world, tokens);
    await world.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x1bf08eb000"]);
    await world.evm.mine(1);
    expect(await usdtOf(payee.address)).toBe(ONE_DOLLAR);
    await world.provider.send("evm_setAutomine", [true]);
    for (let looks = 0; looks < 20 && (await usdtOf(payee.address)) > 0n; looks += 1)
      await broadcastSweep(world, tokens);
    expect(await waitUntilMined(world, tokens)).toMatchObject({ state: "mined", succeeded: true });
    expect(await recordSweep(world, tokens)).toMatchObject({ outcome: "swept" });
    await world.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
    await world.evm.mine(1);
  });

  it("C13: a tank that is empty halfway says so, and the same sweep goes on after it was filled", async () => {
    const payee = await paidInUsdt(ONE_DOLLAR);
    const coins = await coinsOf(world.signer.vendorWallet);
    await world.evm.fund(world.signer.vendorWallet, 1n);
    await expect(prepare(payee)).rejects.toMatchObject({ code: "gas_tank_empty" });
    await world.evm.fund(world.signer.vendorWallet, coins);
    const fuel = await prepare(payee);
    await world.evm.fund(world.signer.vendorWallet, 1n);
    await expect(broadcastSweep(world, fuel)).rejects.toMatchObject({ code: "gas_tank_empty" });
    await world.evm.fund(world.signer.vendorWallet, coins);
    expect((await round(payee)).step.outgoingTransactionId).toBe(fuel.outgoingTransactionId);
    expect((await round(payee)).recorded.outcome).toBe("swept");
  });

  it("L17: finds a transfer done before the database was restored, and sends nothing twice", async () => {
    const payee = await paidInUsdt(7n * ONE_DOLLAR);
    await round(payee);
    const done = await round(payee);
    const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "owner" });
    await owner.raw("UPDATE deposits SET sweep_id = NULL WHERE deposit_address_id = ?", [payee.depositAddressId]);
    await owner.raw("DELETE FROM outgoing_transactions WHERE sweep_id = ?", [done.step.sweepId]);
    await owner.raw("DELETE FROM sweeps WHERE id = ?", [done.step.sweepId]);
    await owner.destroy();
    expect(await prepareSweep(world, payee)).toMatchObject({ state: "settled", transactionHash: done.step.hash });
  });
});
