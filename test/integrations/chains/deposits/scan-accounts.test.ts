import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askSurfnet } from "../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { observeAddress, readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { needsReading } from "../../../../src/integrations/chains/deposits/scan-accounts.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { solanaMissing, startTestSolana } from "../../../support/solana.ts";
import { balanceOf } from "../books.ts";
import { newSolanaPayee, type SolanaWorld, startSolanaWorld, until } from "../solana/solana-world.ts";

it("reads an address whose holdings changed, that is not settled, or that holds tokens and was not read for a minute", () => {
  const quiet = { holdings: "", isSettled: true, readSecondsAgo: null };
  expect(needsReading(quiet, "")).toBe(false);
  expect(needsReading(quiet, "5")).toBe(true);
  expect(needsReading({ ...quiet, isSettled: false, readSecondsAgo: 5 }, "")).toBe(true);
  expect(needsReading({ ...quiet, isSettled: false, readSecondsAgo: 4 }, "")).toBe(false);
  expect(needsReading({ holdings: "0", isSettled: true, readSecondsAgo: 9_999 }, "0")).toBe(false);
  expect(needsReading({ holdings: "5", isSettled: true, readSecondsAgo: 59 }, "5")).toBe(false);
  expect(needsReading({ holdings: "5", isSettled: true, readSecondsAgo: 60 }, "5")).toBe(true);
});

describe.skipIf(solanaMissing)("deposits on Solana", { timeout: 120_000 }, () => {
  let world: SolanaWorld;
  beforeAll(async () => {
    world = await startSolanaWorld();
  });
  afterAll(() => world?.stop());

  const pass = (change: Partial<Chain> = {}) => scanDeposits({ ...world, chain: { ...world.chain, ...change } });
  const depositsOf = (depositAddressId: string) => readDeposits(world.database, { depositAddressId });

  const passAndRead = async (depositAddressId: string) => {
    await pass();
    return depositsOf(depositAddressId);
  };

  it("credits what arrived, once, however often the chain is looked at", async () => {
    const payee = await newSolanaPayee(world);
    await world.solana.customer.pay({ to: payee.address, units: 5_000_000n });
    await until(
      () => passAndRead(payee.depositAddressId),
      ([deposit]) => deposit?.status === "confirmed",
    );
    await Promise.all([pass(), pass(), pass()]);
    const deposits = await depositsOf(payee.depositAddressId);
    expect(deposits).toMatchObject([
      {
        status: "confirmed",
        amountUnits: 5_000_000n,
        fromAddress: world.solana.customer.address,
        chain: "solana:local",
      },
    ]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5_000_000_000n);
  });

  it("credits a second payment of the same amount, and several addresses paid by one transaction", async () => {
    const [one, two] = [await newSolanaPayee(world), await newSolanaPayee(world)];
    await world.solana.customer.pay({ to: one.address, units: 1_000_000n });
    await pass();
    await world.solana.customer.payTogether([
      { to: one.address, units: 1_000_000n },
      { to: two.address, units: 2_000_000n },
    ]);
    const sum = async (id: string) => {
      const confirmed = (await depositsOf(id)).filter(({ status }) => status === "confirmed");
      return confirmed.reduce((total, { amountUnits }) => total + amountUnits, 0n);
    };
    await until(
      async () => {
        await pass();
        return [await sum(one.depositAddressId), await sum(two.depositAddressId)].join();
      },
      (sums) => sums === "2000000,2000000",
    );
  });

  it("lets a large deposit wait until its block is final, and says so", async () => {
    const payee = await newSolanaPayee(world);
    await world.solana.customer.pay({ to: payee.address, units: 1_000_000_001n });
    const [seen] = await until(
      () => passAndRead(payee.depositAddressId),
      ([deposit]) => deposit !== undefined,
    );
    expect(seen).toMatchObject({ status: "observed", waitingFor: "confirmations" });
    const [final] = await until(
      () => passAndRead(payee.depositAddressId),
      ([deposit]) => deposit?.status === "confirmed",
    );
    const head = await world.chain.readHead();
    expect(head.number - (final?.blockNumber ?? 0)).toBeGreaterThanOrEqual(31);
  });

  it("answers a customer who says 'I have paid' without a pass", async () => {
    const payee = await newSolanaPayee(world);
    await world.solana.customer.pay({ to: payee.address, units: 3_000_000n });
    const answer = await until(
      () => observeAddress({ ...world }, { depositAddressId: payee.depositAddressId }),
      ({ deposits }) => deposits[0]?.status === "confirmed",
    );
    expect(answer.chainSeen).toBe("current");
  });

  it("asks nothing of single quiet addresses: one call for a hundred", async () => {
    const asked: string[] = [];
    const { accounts: index } = world.chain;
    if (index === undefined) throw new Error("Solana answers by account");
    for (let made = 0; made < 120; made += 1) await newSolanaPayee(world);
    await pass();
    await pass({
      accounts: {
        ...index,
        readArrivals: async (input) => {
          asked.push(input.owner);
          return index.readArrivals(input);
        },
      },
    });
    const everPaid = await world.database("deposits").distinct("address");
    expect(asked.filter((owner) => !everPaid.some(({ address }) => address === owner))).toEqual([]);
  });

  it("changes nothing when the node dies in the middle, and goes on afterwards", async () => {
    const payee = await newSolanaPayee(world);
    await world.solana.customer.pay({ to: payee.address, units: 4_000_000n });
    const dead = openSolanaChain({ network: world.network, rpcUrl: "http://127.0.0.1:9", patience: { tries: 1 } });
    await expect(
      scanDeposits({ ...world, chain: { ...world.chain, readReceipt: dead.readReceipt } }),
    ).rejects.toMatchObject({
      code: "rpc_unavailable",
    });
    await until(
      () => passAndRead(payee.depositAddressId),
      ([deposit]) => deposit?.status === "confirmed",
    );
  });

  it("notices that a local chain began anew, and reads the new one from its beginning", async () => {
    const payee = await newSolanaPayee(world);
    await pass();
    const anew = await startTestSolana();
    try {
      expect(await askSurfnet(anew.rpc, "getGenesisHash")).not.toBe(
        await askSurfnet(world.solana.rpc, "getGenesisHash"),
      );
      const chain = openSolanaChain({ network: world.network, rpcUrl: anew.rpc });
      await anew.customer.pay({ to: payee.address, units: 6_000_000n });
      await until(
        async () => {
          await scanDeposits({ ...world, chain });
          return depositsOf(payee.depositAddressId);
        },
        ([deposit]) => deposit?.status === "confirmed",
      );
      expect(world.warnings).toContain("The chain began anew: what was on the old one is gone");
    } finally {
      anew.stop();
    }
  });
});
