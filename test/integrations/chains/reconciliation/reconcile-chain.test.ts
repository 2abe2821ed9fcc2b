import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ReconcileProgress,
  reconcileToken,
} from "../../../../src/integrations/chains/reconciliation/reconcile-chain.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, paidPayee, pay, startChainWorld, withChain } from "../chain-world.ts";
import { newHash } from "../rows.ts";

describe.skipIf(evmMissing !== undefined)("comparing one token", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const usdc = () => {
    const token = world.network.tokens.find(({ symbol }) => symbol === "USDC");
    if (token === undefined) throw new Error("the local chain lists no USDC");
    return { token, pauseMilliseconds: 1 };
  };

  it("is not possible before the chain was scanned", async () => {
    expect(await reconcileToken(world, usdc())).toBeUndefined();
  });

  it("does not count what reached an address after the scanner's last block", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    await pay(world, { to: payee.address, units: 5n });
    await pay(world, { to: (await newPayee(world)).address, units: 6n });
    expect(await reconcileToken(world, usdc())).toMatchObject({ status: "sound", places: 1, foundUnits: ONE_DOLLAR });
  });

  it("C05: says nothing of a chain whose blocks change while they are read, instead of a false alarm", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const restless = withChain(world.chain, {
      readBlockHash: async () => newHash(),
      readTokenBalance: async (question) =>
        question.owner === payee.address ? 0n : world.chain.readTokenBalance(question),
    });
    expect(await reconcileToken({ ...world, chain: restless }, usdc())).toMatchObject({
      status: "unsettled",
      driftUnits: 0n,
      drifts: [],
    });
  });

  it("tells its progress as plain JSON, and from there names the same suspects", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const short = withChain(world.chain, {
      readTokenBalance: async (question) =>
        question.owner === payee.address ? 1n : world.chain.readTokenBalance(question),
    });
    const told: ReconcileProgress[] = [];
    const needs = { ...world, chain: short };
    const whole = await reconcileToken(needs, { ...usdc(), onProgress: (progress) => told.push(progress) });
    const from: ReconcileProgress = JSON.parse(JSON.stringify(told.at(-1)));
    expect(from.suspects).toEqual([payee.depositAddressId]);
    const resumed = await reconcileToken(needs, { ...usdc(), from });
    expect(resumed).toMatchObject({ status: "drift", drifts: whole?.drifts, places: whole?.places });
  });
});
