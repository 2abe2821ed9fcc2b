import { Contract, ContractFactory } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import oddArtifact from "../../../sandbox/contracts/test-odd-token.json" with { type: "json" };
import type { Chain } from "../../../src/integrations/chains/chain.ts";
import { readDeposits, scanDeposits } from "../../../src/integrations/chains/deposits/deposits.ts";
import { openEvmChain } from "../../../src/integrations/chains/evm/chain.ts";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../support/evm.ts";
import { balanceOf } from "./books.ts";
import {
  type ChainWorld,
  faucet,
  newPayee,
  ONE_DOLLAR,
  paidPayee,
  pay,
  prepareOpen,
  send,
  startChainWorld,
  tokenOwner,
} from "./chain-world.ts";

const DOLLAR = 1_000_000_000n;
const LIES = { none: 0, hiddenFee: 1, falseEvent: 2, silentMove: 3, returnsFalse: 4, paused: 5 } as const;

describe.skipIf(evmMissing !== undefined)("tokens that lie", () => {
  let world: ChainWorld & { readonly chain: Chain };
  let odd: Contract;
  let token: string;
  beforeAll(async () => {
    const started = await startChainWorld();
    const factory = new ContractFactory(oddArtifact.abi, oddArtifact.bytecode, faucet(started));
    token = await (await (await factory.deploy()).waitForDeployment()).getAddress();
    odd = new Contract(token, oddArtifact.abi, faucet(started));
    await call("mint", started.evm.faucetAddress, 1_000_000n * ONE_DOLLAR);
    const { network } = started;
    if (network.kind !== "evm") throw new Error("not an EVM network");
    const listed = { symbol: "ODD", address: token, decimals: 6, sweepMethod: "gas_top_up" } as const;
    const withOdd = { ...network, tokens: [...network.tokens, listed] };
    world = { ...started, network: withOdd, chain: openEvmChain({ network: withOdd, rpcUrl: started.evm.rpc }) };
  });
  afterAll(() => world.stop());

  const call = async (method: string, ...values: readonly unknown[]) => {
    await (await odd.getFunction(method).send(...values)).wait();
  };
  /** Pays while the token tells one lie, and is honest again afterwards. */
  const payLying = async (lie: keyof typeof LIES, to: string, units: bigint) => {
    await call("tell", LIES[lie]);
    await pay(world, { to, units, token });
    await call("tell", LIES.none);
  };
  const deposits = (payee: { readonly depositAddressId: string }) => readDeposits(world.database, payee);
  const balance = (payee: { readonly purchaseId: string }) => balanceOf(world, accounts.purchase(payee.purchaseId));

  it("C02: nothing is owed for a transfer that answered false and succeeded", async () => {
    const payee = await newPayee(world);
    await payLying("returnsFalse", payee.address, 5n * ONE_DOLLAR);
    await scanDeposits(world);
    expect(await deposits(payee)).toEqual([]);
    expect(await balance(payee)).toBe(0n);
  });

  it("C02: nothing is owed for an event without tokens; it waits visibly, and is over once no reorg can explain it", async () => {
    const payee = await newPayee(world);
    await payLying("falseEvent", payee.address, 5n * ONE_DOLLAR);
    await scanDeposits(world);
    expect(await deposits(payee)).toMatchObject([{ status: "observed", waitingFor: "balance_short" }]);
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR, token });
    await scanDeposits(world);
    expect(await balance(payee)).toBe(2n * DOLLAR);
    await world.evm.mine(world.network.finalityBlocks);
    await scanDeposits(world);
    expect((await deposits(payee)).map(({ status, waitingFor }) => [status, waitingFor])).toEqual([
      ["orphaned", "nothing_arrived"],
      ["confirmed", null],
    ]);
    expect(await balance(payee)).toBe(2n * DOLLAR);
  });

  it("C02: tokens that came without an event are nobody's credit", async () => {
    const payee = await newPayee(world);
    await payLying("silentMove", payee.address, 7n * ONE_DOLLAR);
    await pay(world, { to: payee.address, units: ONE_DOLLAR, token });
    await scanDeposits(world);
    expect(await deposits(payee)).toMatchObject([{ amountUnits: ONE_DOLLAR, status: "confirmed" }]);
    expect(await balance(payee)).toBe(DOLLAR);
  });

  it("C03: what a token keeps of a transfer is not credited, and not missing when the rest is swept", async () => {
    const payee = await newPayee(world);
    await payLying("hiddenFee", payee.address, 10n * ONE_DOLLAR);
    await payLying("hiddenFee", payee.address, 20n * ONE_DOLLAR);
    await Promise.all([scanDeposits(world), scanDeposits(world), scanDeposits(world)]);
    await scanDeposits(world);
    const found = await deposits(payee);
    expect(found.map(({ status }) => status)).toEqual(["confirmed", "confirmed"]);
    expect(found.reduce((sum, { amountUnits }) => sum + amountUnits, 0n)).toBe(27n * ONE_DOLLAR);
    expect(found.reduce((sum, { amountUnits, announcedUnits }) => sum + (announcedUnits ?? amountUnits), 0n)).toBe(
      30n * ONE_DOLLAR,
    );
    expect(await balance(payee)).toBe(27n * DOLLAR);
    expect(await world.chain.readTokenBalance({ token, owner: payee.address })).toBe(27n * ONE_DOLLAR);
    await world.evm.mine(world.network.finalityBlocks);
    await scanDeposits(world);
    expect((await deposits(payee)).every(({ finalAt }) => finalAt !== null)).toBe(true);
  });

  it("C03: balances that shrink credit nothing more than is there, and say so until they are back", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 100n * ONE_DOLLAR, token });
    await scanDeposits(world);
    await call("rebase", 500n);
    await pay(world, { to: payee.address, units: 10n * ONE_DOLLAR, token });
    await scanDeposits(world);
    expect((await deposits(payee)).map(({ waitingFor }) => waitingFor)).toEqual([null, "balance_short"]);
    expect(await balance(payee)).toBe(100n * DOLLAR);
    await call("rebase", 1000n);
    await scanDeposits(world);
    expect(await balance(payee)).toBe(110n * DOLLAR);
  });

  it("C03: a token that is paused moves nothing and credits nothing", async () => {
    const payee = await newPayee(world);
    await call("tell", LIES.paused);
    await expect(pay(world, { to: payee.address, units: ONE_DOLLAR, token })).rejects.toThrow(/paused/i);
    await call("tell", LIES.none);
    await scanDeposits(world);
    expect(await deposits(payee)).toEqual([]);
  });

  it("C03: a deposit at an address its issuer froze stays credited; the sweep says why it waits, and goes on when it may", async () => {
    const payee = await paidPayee(world, 5n * ONE_DOLLAR);
    const usdc = new Contract(
      world.evm.usdc,
      ["function blacklist(address account)", "function unBlacklist(address account)"],
      tokenOwner(world),
    );
    await (await usdc.getFunction("blacklist").send(payee.address)).wait();
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({ code: "transaction_would_fail" });
    await world.evm.mine(5);
    await scanDeposits(world);
    expect(await deposits(payee)).toMatchObject([{ status: "confirmed" }]);
    expect(await balance(payee)).toBe(5n * DOLLAR);
    await (await usdc.getFunction("unBlacklist").send(payee.address)).wait();
    expect(await send(world, await prepareOpen(world, payee))).toMatchObject({ state: "mined", succeeded: true });
  });
});
