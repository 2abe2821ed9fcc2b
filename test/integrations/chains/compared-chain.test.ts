import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Chain } from "../../../src/integrations/chains/chain.ts";
import { compareProviders } from "../../../src/integrations/chains/compared-chain.ts";
import { observeAddress, readDeposits, scanDeposits } from "../../../src/integrations/chains/deposits/deposits.ts";
import { ChainIdMismatch, RpcUnavailable } from "../../../src/integrations/chains/errors.ts";
import { openEvmChain } from "../../../src/integrations/chains/evm/chain.ts";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../support/evm.ts";
import { balanceOf } from "./books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld, withChain } from "./chain-world.ts";

const DOLLAR = 1_000_000_000n;

describe.skipIf(evmMissing !== undefined)("two providers of one chain", () => {
  let world: ChainWorld;
  let warnings: unknown[];
  beforeAll(async () => {
    world = await startChainWorld();
  });
  beforeEach(() => {
    warnings = [];
  });
  afterAll(() => world.stop());

  /** The world with an honest first provider and this second one. */
  const withSecond = (change: Partial<Chain>) => ({
    ...world,
    logger: { warn: (context: object) => void warnings.push(context) },
    chain: compareProviders(world.chain, [world.chain, withChain(world.chain, change)]),
  });
  const paid = async (units = ONE_DOLLAR) => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units });
    return { ...payee, account: accounts.purchase(payee.purchaseId) };
  };
  const fail = (error: Error) => async () => Promise.reject(error);

  it("credit a deposit once when they say the same", async () => {
    const payee = await paid(3n * ONE_DOLLAR);
    const chain = openEvmChain({ network: evmOf(world), rpcUrl: world.evm.rpc, secondRpcUrl: world.evm.rpc });
    expect(chain.witnesses).toHaveLength(2);
    await Promise.all([scanDeposits({ ...world, chain }), scanDeposits({ ...world, chain })]);
    expect(await balanceOf(world, payee.account)).toBe(3n * DOLLAR);
  });

  it.each([
    ["the block's hash", { readBlockHash: async () => `0x${"3".repeat(64)}` }],
    ["the receipt", { readReceipt: async () => undefined }],
    ["the balance", { readTokenBalance: async () => 0n }],
    ["the depth", { readHead: async () => ({ number: 1, hash: `0x${"4".repeat(64)}` }) }],
  ] as const)(
    "C05: credit nothing while they disagree about %s, say so once, and credit it when they agree",
    async (_, lie) => {
      const payee = await paid();
      await world.evm.mine(40);
      const lying = withSecond(lie);
      await scanDeposits(lying);
      await scanDeposits(lying);
      expect(await readDeposits(world.database, payee)).toMatchObject([
        { status: "observed", waitingFor: "providers_disagree" },
      ]);
      expect(await balanceOf(world, payee.account)).toBe(0n);
      const { id } = (await readDeposits(world.database, payee))[0] ?? {};
      const said = warnings.filter((warning) => JSON.stringify(warning).includes(id ?? "?"));
      expect(said).toHaveLength(1);
      await scanDeposits(withSecond({}));
      expect(await balanceOf(world, payee.account)).toBe(DOLLAR);
    },
  );

  it("C05: find a deposit whose log one of them leaves out", async () => {
    const payee = await paid();
    await scanDeposits(withSecond({ readTransfers: async () => [] }));
    expect(await balanceOf(world, payee.account)).toBe(DOLLAR);
  });

  it("C05: keep looking when one makes up a log, and credit the others", async () => {
    const [payee, victim] = [await paid(), await newPayee(world)];
    const invented = async () => {
      const head = await world.chain.readHead();
      const made = { token: world.evm.usdc, from: payee.address, to: victim.address, amountUnits: 5n, position: 0 };
      return [{ ...made, transactionHash: `0x${"5".repeat(64)}`, block: head }];
    };
    await scanDeposits(withSecond({ readTransfers: invented }));
    expect(await balanceOf(world, payee.account)).toBe(DOLLAR);
    expect(await readDeposits(world.database, victim)).toEqual([]);
  });

  it.each([
    ["dead", new RpcUnavailable("eip155:31337", "gone")],
    ["of another chain", new ChainIdMismatch("eip155:31337", "1")],
  ])("C05: go on reading when one is %s, while the credit waits with its reason", async (_, error) => {
    const payee = await paid();
    const dead: Partial<Chain> = {
      readHead: fail(error),
      readBlockHash: fail(error),
      readReceipt: fail(error),
      readTransfers: fail(error),
      readTokenBalance: fail(error),
    };
    const seen = await observeAddress(withSecond(dead), payee);
    expect(seen).toMatchObject({
      chainSeen: "current",
      deposits: [{ status: "observed", waitingFor: "provider_unavailable" }],
    });
    await scanDeposits(withSecond(dead));
    expect(await balanceOf(world, payee.account)).toBe(0n);
    await scanDeposits(withSecond({}));
    expect(await balanceOf(world, payee.account)).toBe(DOLLAR);
  });

  it("take no credit back on the word of one", async () => {
    const payee = await paid();
    await scanDeposits(withSecond({}));
    const forked = withSecond({
      readBlockHash: async () => `0x${"6".repeat(64)}`,
      readReceipt: async () => undefined,
    });
    for (let look = 0; look < 3; look += 1) {
      await world.evm.mine(3);
      expect(await scanDeposits(forked)).toMatchObject({ doubted: 0, reversed: 0 });
    }
    expect(await balanceOf(world, payee.account)).toBe(DOLLAR);
  });

  it("fail only when both do", async () => {
    const gone = new RpcUnavailable("eip155:31337", "gone");
    const dead = withChain(world.chain, { readHead: fail(gone), readBlockHash: fail(gone) });
    const chain = compareProviders(dead, [dead, dead]);
    await expect(chain.readHead()).rejects.toBe(gone);
    await expect(chain.readBlockHash(1)).rejects.toBe(gone);
  });

  it("answer through the second while the first is away, for everything that is not believed", async () => {
    const chain = openEvmChain({
      network: evmOf(world),
      rpcUrl: "http://127.0.0.1:9/",
      secondRpcUrl: world.evm.rpc,
      patience: { tries: 1 },
    });
    const { number } = await world.chain.readHead();
    expect(await chain.readHead()).toMatchObject({ number });
    expect(await chain.readNativeBalance(world.signer.vendorWallet)).toBeGreaterThan(0n);
  });
});

function evmOf(world: ChainWorld) {
  const { network } = world;
  if (network.kind !== "evm") throw new Error("not an EVM network");
  return network;
}
