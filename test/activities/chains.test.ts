import { setTimeout as pause } from "node:timers/promises";
import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChainActivityNeeds, chainActivities } from "../../activities/chains.ts";
import { readDeposits } from "../../src/integrations/chains/deposits/deposits.ts";
import { ChainNotSupported } from "../../src/integrations/chains/errors.ts";
import type { ChainRegistry } from "../../src/integrations/chains/registry.ts";
import {
  type ChainWorld,
  newPayee,
  ONE_DOLLAR,
  paidPayee,
  pay,
  startChainWorld,
} from "../integrations/chains/chain-world.ts";
import { evmMissing } from "../support/evm.ts";

let world: ChainWorld;

beforeAll(async () => {
  if (evmMissing === undefined) world = await startChainWorld();
});
afterAll(() => world?.stop());

const environment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") });
const run = <Input, Answer>(
  activity: (input: Input) => Promise<Answer>,
  input: Input,
  where = environment(),
): Promise<Answer> => where.run(activity, input);

function activities(draining: AbortSignal = new AbortController().signal, database = world.database) {
  const { chain, network } = world;
  const find = (name: string) => {
    if (name !== network.id && name !== network.shortName) throw new ChainNotSupported(name);
    return chain;
  };
  const findToken: ChainRegistry["findToken"] = () => {
    throw new Error("no activity looks for a token");
  };
  const needs: ChainActivityNeeds = {
    ...world,
    database,
    chains: { chains: [chain], find, findToken },
    pollMilliseconds: 20,
    draining,
  };
  return chainActivities(needs);
}

async function depositOf(payee: { readonly depositAddressId: string }): Promise<string> {
  const [deposit] = await readDeposits(world.database, payee);
  if (deposit === undefined) throw new Error("the deposit was not seen");
  return deposit.id;
}

/** What `body` sees while a watcher looks, which is told to stop afterwards; answers its last report and its heartbeats. */
async function whileWatching(body: () => Promise<void>) {
  const stop = new AbortController();
  const watcher = environment();
  const beats: unknown[] = [];
  watcher.on("heartbeat", (details: unknown) => beats.push(details));
  const watching = run(activities(stop.signal).watchChain, { chain: world.network.shortName }, watcher);
  await body();
  stop.abort();
  return { report: await watching, beats };
}

describe.skipIf(evmMissing !== undefined)("watchChain", () => {
  it("sees a deposit while it looks, and says how far it has read", async () => {
    const payee = await newPayee(world);
    const { report, beats } = await whileWatching(async () => {
      await pay(world, { to: payee.address, units: ONE_DOLLAR });
      await expect.poll(async () => (await readDeposits(world.database, payee)).length).toBe(1);
    });
    expect(report.details).toMatch(/read to block \d+ of \d+/);
    expect(beats.length).toBeGreaterThan(0);
  });

  it("ends its minute early when the worker is asked to stop", async () => {
    const started = performance.now();
    await whileWatching(() => pause(200));
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("fails for a chain this worker does not know", async () => {
    await expect(
      run(async (input: { readonly chain: string }) => activities().watchChain(input), { chain: "moon" }),
    ).rejects.toMatchObject({ code: "chain_not_supported" });
  });
});

describe.skipIf(evmMissing !== undefined)("the steps of a sweep", () => {
  it("each run twice move the deposit once, and the whole account of it survives JSON", async () => {
    const depositId = await depositOf(await paidPayee(world, 3n * ONE_DOLLAR));
    const { prepareSweep, broadcastSweep, isSweepMined, recordSweep } = activities();
    const plan = await run(prepareSweep, { depositId });
    expect(await run(prepareSweep, { depositId })).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    if (plan.transactionId === null) throw new Error("there is nothing to send");
    const sent = { depositId, transactionId: plan.transactionId };
    await run(broadcastSweep, sent);
    await run(broadcastSweep, sent);
    expect(await run(isSweepMined, sent)).toBe(false);
    await world.evm.mine(world.network.finalityBlocks);
    await expect.poll(() => run(isSweepMined, sent)).toBe(true);
    const recorded = await run(recordSweep, { depositId, sweepId: plan.sweepId });
    expect(recorded.outcome).toBe("swept");
    expect(recorded.details).toMatch(/gas cost \d+(\.\d+)? USD/);
    const again = await run(recordSweep, { depositId, sweepId: plan.sweepId });
    expect(again).toEqual({
      outcome: "swept",
      details: "The deposit is in the vendor's wallet; its gas is in the books.",
    });
    expect(JSON.parse(JSON.stringify(recorded))).toEqual(recorded);
  });

  it("say after the sweep that nothing is left to send", async () => {
    const depositId = await depositOf(await paidPayee(world, ONE_DOLLAR));
    const { prepareSweep, broadcastSweep, isSweepMined, recordSweep } = activities();
    const plan = await run(prepareSweep, { depositId });
    const sent = { depositId, transactionId: plan.transactionId ?? "" };
    await run(broadcastSweep, sent);
    expect(await run(isSweepMined, sent)).toBe(false);
    await world.evm.mine(world.network.finalityBlocks);
    await expect.poll(() => run(isSweepMined, sent)).toBe(true);
    await run(recordSweep, { depositId, sweepId: plan.sweepId });
    expect(await run(prepareSweep, { depositId })).toMatchObject({ sweepId: plan.sweepId, transactionId: null });
  });

  it("fail for a deposit that is not there", async () => {
    await expect(run(activities().prepareSweep, { depositId: "dep_none" })).rejects.toMatchObject({
      code: "chain_not_supported",
    });
  });

  it("show no secret: neither key nor phrase is in what they answer", async () => {
    const depositId = await depositOf(await paidPayee(world, ONE_DOLLAR));
    const text = JSON.stringify(await run(activities().prepareSweep, { depositId }));
    for (const word of world.keystore.keystoreJson.match(/[0-9a-f]{40,}/g) ?? []) expect(text).not.toContain(word);
    expect(text).not.toContain(world.evm.faucetKey);
  });

  it("ends a sweep whose deposit is promised back to its sender between looking and taking", async () => {
    const depositId = await depositOf(await paidPayee(world, ONE_DOLLAR));
    const { database } = world;
    const raced = new Proxy(database, {
      get: (target, name, receiver) =>
        name !== "transaction"
          ? Reflect.get(target, name, receiver)
          : async (work: Parameters<typeof database.transaction>[0]) => {
              await target.raw("UPDATE deposits SET refunded_units = amount_units WHERE id = ?", [depositId]);
              return target.transaction(work);
            },
    });
    const { prepareSweep } = activities(undefined, raced);
    expect(await run(prepareSweep, { depositId })).toMatchObject({ isOver: true, transactionId: null });
  });
});
