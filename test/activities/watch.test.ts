import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type WatchActivityNeeds, watchActivities } from "../../activities/watch.ts";
import { findGasTankReading } from "../../src/integrations/chains/outgoing/gas-tank-store.ts";
import type { ChainRegistry } from "../../src/integrations/chains/registry.ts";
import { type ChainWorld, ONE_DOLLAR, paidPayee, startChainWorld } from "../integrations/chains/chain-world.ts";
import { evmMissing } from "../support/evm.ts";

let world: ChainWorld;
beforeAll(async () => {
  if (evmMissing === undefined) world = await startChainWorld();
});
afterAll(() => world?.stop());

const run = <Answer>(body: () => Promise<Answer>): Promise<Answer> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(body);

function activities() {
  const findToken: ChainRegistry["findToken"] = () => {
    throw new Error("no activity looks for a token");
  };
  const needs: WatchActivityNeeds = {
    ...world,
    chains: { chains: [world.chain], find: () => world.chain, findToken },
    clock: { now: Date.now },
    masterKey: Buffer.alloc(32, 7),
    listener: null,
    watchTreasury: true,
    tankLevels: { lowSweeps: 50, emptySweeps: 3 },
  };
  return watchActivities(needs);
}

describe.skipIf(evmMissing !== undefined)("the operators' watch", () => {
  it("reads every chain's gas tank of the worker's own wallet, and says so in one line", async () => {
    expect(await run(activities().watchGasTanks)).toMatch(/^Local chain: \d+ base units of ETH left, .* ok\.$/);
    const reading = await findGasTankReading(world.database, world.network.id);
    expect(reading?.wallet).toBe(world.signer.vendorWallet);
  });

  it("closes wakes by night and forgets what was told and is over for 90 days", async () => {
    const { database } = world;
    await database.raw(`INSERT INTO operator_alerts (id, subject, code, text, resolved_at)
      VALUES ('alt_forgotten', 'x', 'x', 'x', now() - interval '91 days')`);
    expect(await run(activities().closeWakes)).toBe(0);
    expect(await database("operator_alerts").where({ id: "alt_forgotten" })).toEqual([]);
  });

  it("compares every chain with the books, and tells how far it is after each token", async () => {
    await paidPayee(world, ONE_DOLLAR);
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") });
    const beats: unknown[] = [];
    environment.on("heartbeat", (details: unknown) => beats.push(details));
    const found = await environment.run(activities().reconcileChains);
    expect(found).toMatchObject({
      sound: true,
      summary: expect.stringMatching(/^local\/USDC: sound at block \d+, 1 places/),
    });
    expect(beats.at(-1)).toMatchObject({ done: [{ name: "local/USDC" }, { name: "local/USDT" }] });
  });

  it("goes on where the heartbeat of a killed worker left the comparison", async () => {
    const done = ["local/USDC", "local/USDT"].map((name) => ({ name, sound: true, summary: `${name}: seen.` }));
    const environment = new MockActivityEnvironment(
      { heartbeatDetails: { done } },
      { logger: new DefaultLogger("ERROR") },
    );
    const found = await environment.run(activities().reconcileChains);
    expect(found).toEqual({ sound: true, summary: "local/USDC: seen. local/USDT: seen." });
  });

  it("answers what became of an alert", async () => {
    expect(await run(() => activities().deliverAlert({ alertId: "alt_none" }))).toBe("unknown");
  });
});
