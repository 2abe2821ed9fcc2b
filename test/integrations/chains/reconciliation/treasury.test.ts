import { Contract } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { reconcileChains } from "../../../../src/integrations/chains/reconciliation/reconcile-chains.ts";
import { listLatestReconciliations } from "../../../../src/integrations/chains/reconciliation/reconciliation-store.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  pay,
  prepareOpen,
  send,
  startChainWorld,
  tokenBalance,
  vendorWallet,
  withChain,
} from "../chain-world.ts";

const SOMEBODY = "0x00000000000000000000000000000000000000ab";

describe.skipIf(evmMissing !== undefined)("a watched treasury", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const wallets = () => [world.signer.treasury];
  const scan = () => scanDeposits({ ...world, wallets: wallets() });
  const compare = async (chain: Chain = world.chain) => {
    await scan();
    const treasuryOf = () => ({ ledger: world.ledger, wallets: wallets() });
    return reconcileChains({ database: world.database, chains: [chain], treasuryOf }, { pauseMilliseconds: 1 });
  };
  const booked = () => balanceOf(world, accounts.treasury(world.network.id, "USDC"));
  const owners = () => balanceOf(world, accounts.ownerFunds(world.network.id, "USDC"));
  const sweep = async (units: bigint) => {
    const prepared = await prepareOpen(world, await paidPayee(world, units));
    await send(world, prepared);
    return prepared.sweepId;
  };
  const withdraw = async (units: bigint) => {
    const token = new Contract(world.evm.usdc, ["function transfer(address,uint256)"], vendorWallet(world));
    const sent = await token.getFunction("transfer").send(SOMEBODY, units);
    await sent.wait();
  };
  const finalize = () => world.evm.mine(world.network.finalityBlocks + 1);
  const agree = async () => {
    expect(await compare()).toMatchObject({ sound: true });
    expect(await booked()).toBe(1_000n * (await tokenBalance(world, world.signer.treasury)));
  };

  it("takes what is there at the first look as the owner's, and waits with that while anything is under way", async () => {
    await pay(world, { to: world.signer.treasury, units: 9n });
    // The watcher never saw that payment: it was there before the first scan of the wallet.
    await scanDeposits(world);
    const sweepId = await sweep(5n * ONE_DOLLAR);
    await compare();
    expect(await world.database("treasury_watches").where({ token: world.evm.usdc })).toEqual([]);
    await recordSweep(world, { sweepId });
    await agree();
    expect((await owners()) + (await balanceOf(world, accounts.suspense("wrong-address")))).toBe(9_000n);
  });

  it("books the owner's withdrawal once, when it is final, and raises no alarm before", async () => {
    const before = await owners();
    await withdraw(2n * ONE_DOLLAR);
    expect(await compare()).toMatchObject({ sound: true });
    expect(await owners()).toBe(before);
    await finalize();
    for (let hour = 0; hour < 3; hour += 1) await agree();
    expect(await owners()).toBe(before - 2_000_000_000n);
  });

  it("is sound while sweeps arrive and are not recorded yet", async () => {
    const sweepId = await sweep(3n * ONE_DOLLAR);
    expect(await compare()).toMatchObject({ sound: true });
    await recordSweep(world, { sweepId });
    await agree();
  });

  it("C09: knows of what strangers sent to it, which is in suspense", async () => {
    const before = await owners();
    await pay(world, { to: world.signer.treasury, units: 4n * ONE_DOLLAR });
    await finalize();
    await agree();
    expect(await owners()).toBe(before);
  });

  it("names the treasury when it holds a unit less than it must", async () => {
    const short = withChain(world.chain, {
      readTokenBalance: async (question) =>
        (await world.chain.readTokenBalance(question)) - (question.owner === world.signer.treasury ? 1n : 0n),
    });
    expect(await compare(short)).toMatchObject({
      sound: false,
      summary: expect.stringContaining(`treasury ${wallets()[0]} holds`),
    });
    const found = (await listLatestReconciliations(world.database)).find(({ token }) => token === "USDC");
    expect(found).toMatchObject({ driftUnits: 1n });
    await agree();
  });

  it("is left alone on a chain whose outgoing transfers cannot be read", async () => {
    const { readTransfersFrom: _, ...blind } = world.chain;
    expect(await compare(blind)).toMatchObject({ sound: true });
  });
});
