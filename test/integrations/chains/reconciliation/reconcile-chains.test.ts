import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import {
  type ReconcileAllProgress,
  reconcileChains,
} from "../../../../src/integrations/chains/reconciliation/reconcile-chains.ts";
import { listLatestReconciliations } from "../../../../src/integrations/chains/reconciliation/reconciliation-store.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { depositConfirmed } from "../../../../src/ledger/postings/deposits.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { evmMissing } from "../../../support/evm.ts";
import {
  type ChainWorld,
  newPayee,
  ONE_DOLLAR,
  paidPayee,
  pay,
  prepareOpen,
  send,
  startChainWorld,
  tokenBalance,
  withChain,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("comparing the chains with the books", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const compare = (chain = world.chain, options: Parameters<typeof reconcileChains>[1] = {}) =>
    reconcileChains({ database: world.database, chains: [chain] }, { pauseMilliseconds: 1, ...options });
  const latest = async (token = "USDC") => {
    const found = (await listLatestReconciliations(world.database)).find((run) => run.token === token);
    if (found === undefined) throw new Error("nothing was compared");
    return found;
  };
  const alerts = async () => {
    const rows: { resolved_at: Date | null }[] = await world.database("operator_alerts").where({ code: "chain_drift" });
    return rows.map(({ resolved_at }) => (resolved_at === null ? "open" : "resolved"));
  };

  it("says nothing of a chain that was never scanned", async () => {
    expect(await compare()).toEqual({ sound: true, summary: expect.stringContaining("not scanned yet") });
  });

  it("is sound to the last unit: credited, observed, half swept and swept", async () => {
    await paidPayee(world, 7n);
    const swept = await prepareOpen(world, await paidPayee(world, 3n * ONE_DOLLAR));
    await send(world, swept);
    await recordSweep(world, { sweepId: swept.sweepId });
    const halfWay = await prepareOpen(world, await paidPayee(world, 2n * ONE_DOLLAR));
    await send(world, halfWay);
    await pay(world, { to: (await newPayee(world)).address, units: 11n });
    expect((await compare()).sound).toBe(true);
    const underWay = await latest();
    expect(underWay).toMatchObject({ status: "sound", driftUnits: 0n, drifts: [] });
    expect(underWay.foundUnits - underWay.expectedUnits).toBe(underWay.underWayUnits);
    await recordSweep(world, { sweepId: halfWay.sweepId });
    await scanDeposits(world);
    await compare();
    expect(await latest()).toMatchObject({ status: "sound", places: 4, underWayUnits: 0n, foundUnits: 18n });
    expect(await alerts()).toEqual([]);
  });

  it("raises no false alarm while customers pay and sweeps run", async () => {
    let busy = true;
    const load = (async () => {
      for (let round = 0; round < 6; round += 1) {
        const payee = await newPayee(world);
        await pay(world, { to: payee.address, units: ONE_DOLLAR + BigInt(round) });
        await scanDeposits(world);
        if (round % 2 === 0) {
          const sweep = await prepareOpen(world, payee);
          await send(world, sweep);
          await recordSweep(world, { sweepId: sweep.sweepId });
        }
      }
      busy = false;
    })();
    let runs = 0;
    while (busy) {
      expect(await compare()).toMatchObject({ sound: true });
      runs += 1;
    }
    await load;
    expect(runs).toBeGreaterThan(1);
    expect(await alerts()).toEqual([]);
  });

  it("names the address that lost one unit without us, tells operators once, and is quiet when it is back", async () => {
    const payee = await paidPayee(world, 5n * ONE_DOLLAR);
    const lost = withChain(world.chain, {
      readTokenBalance: async (question) =>
        (await world.chain.readTokenBalance(question)) - (question.owner === payee.address ? 1n : 0n),
    });
    for (let hour = 0; hour < 2; hour += 1) {
      const found = await compare(lost);
      expect(found.sound).toBe(false);
      expect(found.summary).toContain(`${payee.address} holds 4999999 base_units where 5000000 are booked`);
    }
    expect(await latest()).toMatchObject({
      status: "drift",
      driftUnits: 1n,
      drifts: [{ place: payee.address, unit: "base_units", expected: 5_000_000n, found: 4_999_999n }],
    });
    expect(await alerts()).toEqual(["open"]);
    expect((await compare()).sound).toBe(true);
    expect(await alerts()).toEqual(["resolved"]);
    expect(await tokenBalance(world, payee.address)).toBe(5n * ONE_DOLLAR);
  });

  it("believes no difference that a second look does not find", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    let lies = 1;
    const flickering = withChain(world.chain, {
      readTokenBalance: async (question) => {
        const found = await world.chain.readTokenBalance(question);
        if (question.owner !== payee.address || lies === 0) return found;
        lies -= 1;
        return 0n;
      },
    });
    expect((await compare(flickering)).sound).toBe(true);
    expect(lies).toBe(0);
  });

  it("C05: leaves out a chain whose node is away, and keeps nothing of it", async () => {
    const before = await latest();
    const away = withChain(world.chain, {
      readTokenBalance: () => Promise.reject(new RpcUnavailable("eip155:31337", "it is away")),
    });
    expect(await compare(away)).toMatchObject({ sound: true, summary: expect.stringContaining("rpc_unavailable") });
    expect(await latest()).toEqual(before);
  });

  it("goes on where a killed run was, and does not forget the drift it had found", async () => {
    const seen: ReconcileAllProgress[] = [];
    await compare(world.chain, { onProgress: (progress) => seen.push(JSON.parse(JSON.stringify(progress))) });
    const first = seen.find(({ done }) => done.length === 1);
    if (first === undefined) throw new Error("no progress was told");
    const drifted = { done: first.done.map((outcome) => ({ ...outcome, sound: false })) };
    const before = await latest();
    expect(await compare(world.chain, { from: drifted })).toMatchObject({ sound: false });
    expect((await latest()).ranAt).toEqual(before.ranAt);
  });

  it("finds an entry in the ledger that no deposit stands behind, to the nanodollar", async () => {
    const { purchaseId } = await newPayee(world);
    const place = { chain: world.network.id, token: "USDC", transactionId: "0xmadeup", logIndex: 0 };
    const account = accounts.purchase(purchaseId);
    await world.ledger.post(depositConfirmed({ ...place, account, amount: nanodollars(1n) }));
    expect(await compare()).toMatchObject({ sound: false });
    const { drifts, driftUnits } = await latest();
    expect(driftUnits).toBe(1n);
    expect(drifts).toMatchObject([{ place: `deposit-wallet/${world.network.id}/USDC`, unit: "nanodollars" }]);
    expect((drifts[0]?.found ?? 0n) - (drifts[0]?.expected ?? 0n)).toBe(1n);
  });

  it("keeps every run for ever: the application may change none", async () => {
    const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "owner" });
    const { rows } = await owner.raw<{ rows: { n: string }[] }>("SELECT count(*) AS n FROM chain_reconciliations");
    await owner.destroy();
    expect(Number(rows[0]?.n)).toBeGreaterThan(5);
    await expect(world.database("chain_reconciliations").update({ drift_units: 0 })).rejects.toThrow(
      /permission denied/,
    );
    await expect(world.database("chain_drifts").delete()).rejects.toThrow(/permission denied/);
  });
});
