import { Contract } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChainNetwork } from "../../../../../src/integrations/chains/chain.ts";
import { openEvmChain } from "../../../../../src/integrations/chains/evm/chain.ts";
import { gasCostOf } from "../../../../../src/integrations/chains/outgoing/gas-cost.ts";
import { broadcastSweep } from "../../../../../src/integrations/chains/sweeps/broadcast-sweep.ts";
import { isBatchCheaper } from "../../../../../src/integrations/chains/sweeps/methods/batch.ts";
import { recordSweep } from "../../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { balanceOf } from "../../books.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  type Payee,
  paidPayee,
  prepareOpen,
  startChainWorld,
  tokenBalance,
  tokenOwner,
  waitUntilMined,
  withChain,
} from "../../chain-world.ts";

describe("whether several sweeps go together", () => {
  it("is decided by gas, and never for one alone", () => {
    expect(isBatchCheaper({ alone: [80n, 80n], together: 120n })).toBe(true);
    expect(isBatchCheaper({ alone: [80n, 80n], together: 160n })).toBe(false);
    expect(isBatchCheaper({ alone: [80n], together: 10n })).toBe(false);
  });
});

describe.skipIf(evmMissing !== undefined)("several sweeps in one transaction", () => {
  let world: ChainWorld;
  let batching: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
    batching = withBatches(world, {});
  });
  afterAll(() => world.stop());

  const tokenOf = () =>
    new Contract(world.evm.usdc, ["function blacklist(address)", "function unBlacklist(address)"], tokenOwner(world));
  const freeze = async (address: string) => (await tokenOf().getFunction("blacklist").send(address)).wait();
  const thaw = async (address: string) => (await tokenOf().getFunction("unBlacklist").send(address)).wait();
  /** Payees whose sweeps exist but could not be sent: the gas tank was empty, say. */
  const waitingPayees = async (amounts: readonly bigint[]): Promise<readonly Payee[]> => {
    const payees: Payee[] = [];
    for (const units of amounts) payees.push(await paidPayee(world, units));
    const coins = await world.provider.getBalance(world.signer.vendorWallet);
    await world.evm.fund(world.signer.vendorWallet, 1n);
    for (const payee of payees)
      await expect(prepareSweep(batching, payee)).rejects.toMatchObject({ code: "gas_tank_empty" });
    await world.evm.fund(world.signer.vendorWallet, coins);
    return payees;
  };

  it("moves all of them, each with its own entry, and splits what gas cost to the last nanodollar", async () => {
    const payees = await waitingPayees([ONE_DOLLAR, 2n * ONE_DOLLAR, 3n * ONE_DOLLAR]);
    const cost = accounts.networkCost(world.network.id);
    const booked = await balanceOf(world, cost);
    const sweeps: Awaited<ReturnType<typeof prepareOpen>>[] = [];
    for (const payee of payees) sweeps.push(await prepareOpen(batching, payee));
    expect(new Set(sweeps.map(({ hash }) => hash)).size).toBe(1);
    const [first] = sweeps;
    if (first === undefined) throw new Error("no sweep");
    await broadcastSweep(batching, first);
    const state = await waitUntilMined(batching, first);
    const recorded = await Promise.all([...sweeps, ...sweeps].map((sweep) => recordSweep(batching, sweep)));
    expect(recorded.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => "swept"));
    for (const payee of payees) expect(await tokenBalance(world, payee.address)).toBe(0n);
    const fee = state.state === "mined" ? BigInt(state.feeUnits) : 0n;
    expect((await balanceOf(world, cost)) - booked).toBe(gasCostOf(world.chain, fee));
    const { rows } = await world.database.raw<{ rows: { purchase: string }[] }>(
      "SELECT metadata->>'purchase' AS purchase FROM journal_entries WHERE idempotency_key LIKE ?",
      [`network-fee:${world.network.id}:${first.hash}:%`],
    );
    expect(rows.map(({ purchase }) => purchase).sort()).toEqual(payees.map(({ purchaseId }) => purchaseId).sort());
  });

  it("C14: a wallet frozen before is left out, and one frozen after signing fails alone", async () => {
    const [bad, good, late] = await waitingPayees([ONE_DOLLAR, ONE_DOLLAR, ONE_DOLLAR]);
    if (bad === undefined || good === undefined || late === undefined) throw new Error("no payees");
    await freeze(bad.address);
    await expect(prepareSweep(batching, bad)).rejects.toMatchObject({ code: "transaction_would_fail" });
    const sweep = await prepareOpen(batching, good);
    const partner = await prepareOpen(batching, late);
    expect(partner.hash).toBe(sweep.hash);
    await freeze(late.address);
    await broadcastSweep(batching, sweep);
    expect(await waitUntilMined(batching, sweep)).toMatchObject({ succeeded: true });
    expect(await recordSweep(batching, sweep)).toMatchObject({ outcome: "swept" });
    expect(await recordSweep(batching, partner)).toMatchObject({ outcome: "reverted" });
    await thaw(late.address);
    await thaw(bad.address);
    for (const payee of [late, bad]) {
      const again = await prepareOpen(batching, payee);
      await broadcastSweep(batching, again);
      expect(await waitUntilMined(batching, again)).toMatchObject({ succeeded: true });
      expect(await recordSweep(batching, again)).toMatchObject({ outcome: "swept" });
    }
  });

  it("is followed to its end also where the chain forgot a deposit of it since", async () => {
    const payees = await waitingPayees([ONE_DOLLAR, ONE_DOLLAR]);
    const sweeps = await Promise.all(payees.map((payee) => prepareOpen(batching, payee)));
    const forgetful = { ...batching, chain: withChain(batching.chain, { readReceipt: async () => undefined }) };
    for (const [place, payee] of payees.entries())
      expect(await prepareSweep(forgetful, payee)).toMatchObject({ state: "prepared", hash: sweeps[place]?.hash });
    for (const sweep of sweeps) await broadcastSweep(batching, sweep);
    for (const sweep of sweeps) {
      await waitUntilMined(batching, sweep);
      expect(await recordSweep(batching, sweep)).toMatchObject({ outcome: "swept" });
    }
  });

  it("answers the same bytes to all of them in parallel", async () => {
    const payees = await waitingPayees([ONE_DOLLAR, ONE_DOLLAR]);
    const sweeps = await Promise.all([...payees, ...payees].map((payee) => prepareOpen(batching, payee)));
    for (const sweep of sweeps) await broadcastSweep(batching, sweep);
    for (const sweep of sweeps) expect(await waitUntilMined(batching, sweep)).toMatchObject({ state: "mined" });
    for (const payee of payees) expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("waits for others as long as the token says, in words", async () => {
    const patient = withBatches(world, { batchWindowSeconds: 600 });
    const payee = await paidPayee(world, ONE_DOLLAR);
    const step = await prepareSweep(patient, payee);
    expect(step).toMatchObject({ state: "waiting", reason: expect.stringContaining("others") });
    expect(await prepareOpen(batching, payee)).toMatchObject({ state: "prepared" });
  });

  it("is signed only for calls that bring known tokens to us", async () => {
    const [one, other] = await waitingPayees([ONE_DOLLAR, ONE_DOLLAR]);
    if (one === undefined || other === undefined) throw new Error("no payees");
    const sweep = await prepareOpen(batching, one);
    const { rows } = await world.database.raw<{ rows: { unsigned: { data: string } }[] }>(
      "SELECT unsigned FROM outgoing_transactions WHERE id = ?",
      [sweep.outgoingTransactionId],
    );
    const unsigned = rows[0]?.unsigned;
    if (unsigned === undefined) throw new Error("no transaction");
    const stranger = "2222222222222222222222222222222222222222";
    const data = unsigned.data.replaceAll(world.signer.vendorWallet.slice(2).toLowerCase(), stranger);
    const call = {
      chainId: 31_337,
      to: "0xcA11bde05977b3631167028862bE2a173976CA11",
      gasLimit: "1",
      maxFeePerGas: "1",
    };
    await expect(world.signer.signTransaction({ ...call, maxPriorityFeePerGas: "1", data }, 99)).rejects.toMatchObject({
      code: "destination_refused",
    });
  });
});

function withBatches(world: ChainWorld, change: { readonly batchWindowSeconds?: number }): ChainWorld {
  const tokens = world.network.tokens.map((token) => ({ ...token, batchMost: 10, ...change }));
  const network = { ...world.network, tokens } satisfies ChainNetwork;
  return { ...world, network, chain: openEvmChain({ network, rpcUrl: world.evm.rpc }) };
}
