import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { findGasTankReading } from "../../../../src/integrations/chains/outgoing/gas-tank-store.ts";
import { isGasTankLow, watchGasTanks } from "../../../../src/integrations/chains/outgoing/watch-gas-tanks.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { noteParked } from "../../../../src/platform/temporal/parked-workflow-store.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  send,
  startChainWorld,
  tokenBalance,
  withChain,
} from "../chain-world.ts";

const LEVELS = { lowSweeps: 50, emptySweeps: 3 };
const ONE_COIN = 10n ** 18n;

describe.skipIf(evmMissing !== undefined)("watching the gas tanks", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const look = (chain = world.chain) => {
    const tanks = [{ chain, vendorWallet: world.signer.vendorWallet }];
    return watchGasTanks({ database: world.database, tanks, levels: LEVELS });
  };
  const fill = (units: bigint) => world.evm.fund(world.signer.vendorWallet, units);
  const isLow = () => isGasTankLow(world.database, { chain: world.network.id });
  const told = async (code: string) => {
    const rows: { resolved_at: Date | null }[] = await world.database("operator_alerts").where({ code });
    return { times: rows.length, open: rows.filter(({ resolved_at }) => resolved_at === null).length };
  };

  it("says nothing is low while nothing was read", async () => {
    expect(await isLow()).toBe(false);
  });

  it("C13: tells operators once per crossing, and again after a refill", async () => {
    expect(await look()).toEqual([expect.stringMatching(/sweeps, ok\.$/)]);
    expect(await told("gas_tank_low")).toEqual({ times: 0, open: 0 });
    await fill(0n);
    for (let minute = 0; minute < 3; minute += 1) await look();
    expect(await isLow()).toBe(true);
    expect([await told("gas_tank_low"), await told("gas_tank_empty")]).toEqual([
      { times: 1, open: 1 },
      { times: 1, open: 1 },
    ]);
    await fill(ONE_COIN);
    await look();
    expect(await isLow()).toBe(false);
    expect([await told("gas_tank_low"), await told("gas_tank_empty")]).toEqual([
      { times: 1, open: 0 },
      { times: 1, open: 0 },
    ]);
    await fill(0n);
    await look();
    expect(await told("gas_tank_low")).toEqual({ times: 2, open: 1 });
  });

  it("C13: with an empty tank the deposit is the customer's, its sweep waits, and after a refill it arrives", async () => {
    await fill(0n);
    const payee = await paidPayee(world, 5n * ONE_DOLLAR);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5_000_000_000n);
    for (let tries = 0; tries < 2; tries += 1)
      await expect(prepareSweep(world, payee)).rejects.toMatchObject({ code: "gas_tank_empty" });
    expect(await tokenBalance(world, payee.address)).toBe(5n * ONE_DOLLAR);
    await fill(ONE_COIN);
    const sweep = await prepareOpen(world, payee);
    await send(world, sweep);
    expect(await recordSweep(world, { sweepId: sweep.sweepId })).toMatchObject({ outcome: "swept" });
    expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("C13: a refill wakes the sweeps that stood still for want of gas, and no other", async () => {
    const [waiting, other] = [await paidPayee(world, ONE_DOLLAR), await paidPayee(world, ONE_DOLLAR)];
    const subjectOf = async ({ depositAddressId }: typeof waiting) => {
      const [deposit] = await readDeposits(world.database, { depositAddressId });
      return `sweep/${deposit?.id}`;
    };
    const subjects = [await subjectOf(waiting), await subjectOf(other)];
    const words = { step: "prepare the sweep", phase: null, stepName: null, reason: "x", nextAction: "x" };
    const [first = "", second = ""] = subjects;
    await noteParked(world.database, { ...words, subject: first, code: "gas_tank_empty", since: new Date() });
    await noteParked(world.database, { ...words, subject: second, code: "nonce_gap", since: new Date() });
    await fill(0n);
    await look();
    expect(await Promise.all(subjects.map((subject) => wakesOf(world, subject)))).toEqual([0, 0]);
    await fill(ONE_COIN);
    await look();
    expect(await Promise.all(subjects.map((subject) => wakesOf(world, subject)))).toEqual([1, 0]);
  });

  it("C05: keeps the last reading of a chain whose node is away, and reads the others", async () => {
    await fill(ONE_COIN);
    await look();
    const before = await findGasTankReading(world.database, world.network.id);
    const away = withChain(world.chain, {
      readGasPrice: () => Promise.reject(new RpcUnavailable("eip155:31337", "it is away")),
    });
    const { vendorWallet } = world.signer;
    const tanks = [away, withChain(world.chain, { network: { ...world.network, id: "eip155:2", shortName: "two" } })];
    const said = await watchGasTanks({
      database: world.database,
      tanks: tanks.map((chain) => ({ chain, vendorWallet })),
      levels: LEVELS,
    });
    expect(said).toEqual([expect.stringContaining("rpc_unavailable"), expect.stringMatching(/sweeps, ok\.$/)]);
    expect(await findGasTankReading(world.database, world.network.id)).toEqual(before);
    expect(await findGasTankReading(world.database, "eip155:2")).toBeDefined();
  });
});
