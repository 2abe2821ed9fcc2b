import { ContractFactory } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import usdtArtifact from "../../../../sandbox/contracts/test-usdt.json" with { type: "json" };
import { mintTokens } from "../../../../sandbox/parts/evm-tokens.ts";
import { observeAddress, readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import {
  type ChainWorld,
  faucet,
  newPayee,
  ONE_DOLLAR,
  pay,
  startChainWorld,
  tokenOwner,
  withChain,
} from "../chain-world.ts";

const DOLLAR = 1_000_000_000n;
const COIN = 10n ** 18n;

describe.skipIf(evmMissing !== undefined)("coins and tokens nobody asked for", () => {
  let world: ChainWorld;
  let stranger: string;
  beforeAll(async () => {
    world = await startChainWorld();
    const factory = new ContractFactory(usdtArtifact.abi, usdtArtifact.bytecode, tokenOwner(world));
    stranger = await (await (await factory.deploy()).waitForDeployment()).getAddress();
  });
  afterAll(() => world.stop());

  const deposits = (payee: { readonly depositAddressId: string }) => readDeposits(world.database, payee);
  const inSuspense = (reason: string) => balanceOf(world, accounts.suspense(reason));
  const sendCoin = async (to: string, units: bigint) => {
    await (await faucet(world).sendTransaction({ to, value: units })).wait();
  };
  const lookAgain = () => world.database.raw("UPDATE address_looks SET looked_at = '-infinity'");

  it("C09: value native coin, however it came, into suspense, and nothing of it into the balance", async () => {
    const payee = await newPayee(world);
    const [coin, dollars] = [COIN / 100n, world.network.nativePrice / 100n];
    const held = await inSuspense("native-coin");
    await sendCoin(payee.address, coin);
    await world.evm.mine(3);
    await Promise.all([observeAddress(world, payee), observeAddress(world, payee)]);
    await observeAddress(world, payee);
    expect(await deposits(payee)).toMatchObject([
      { kind: "native_coin", status: "suspense", waitingFor: "native-coin", amountUnits: coin, fromAddress: "" },
    ]);
    expect(await inSuspense("native-coin")).toBe(held + dollars);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
    await sendCoin(payee.address, 2n * coin);
    await world.evm.mine(3);
    await lookAgain();
    await observeAddress(world, payee);
    expect((await deposits(payee)).map(({ amountUnits }) => amountUnits)).toEqual([coin, 2n * coin]);
    expect(await inSuspense("native-coin")).toBe(held + 3n * dollars);
  });

  it("C09: never take the fuel we send to an address, or what a sweep spends of it, for a customer's coin", async () => {
    const payee = await newPayee(world);
    const fuel = COIN / 50n;
    const insert = (change: Readonly<Record<string, unknown>>) =>
      world.database("outgoing_transactions").insert({
        id: newId("otx"),
        key: newId("key"),
        chain: world.network.id,
        from_address: world.signer.vendorWallet,
        nonce: 100_000 + Math.floor(Math.random() * 1e6),
        raw: "0x",
        hash: newId("hash"),
        ...change,
      });
    await insert({ unsigned: { to: payee.address.toLowerCase(), value: fuel.toString() }, status: "broadcast" });
    await sendCoin(payee.address, fuel);
    await world.evm.mine(3);
    await observeAddress(world, payee);
    expect(await deposits(payee)).toEqual([]);
    const { number } = await world.chain.readHead();
    const mined = { status: "mined", block_number: number - 3, fee_units: "1", gas_used: "1" };
    await world.database("outgoing_transactions").where({ status: "broadcast" }).update(mined);
    await lookAgain();
    await observeAddress(world, payee);
    expect(await deposits(payee)).toEqual([]);
    await sendCoin(payee.address, COIN / 10n);
    await world.evm.mine(3);
    await lookAgain();
    await observeAddress(world, payee);
    expect(await deposits(payee)).toMatchObject([{ kind: "native_coin", amountUnits: COIN / 10n }]);
  });

  it("C09: write down a token nobody knows in base units, with no dollars and no entry", async () => {
    const payee = await newPayee(world);
    await mintTokens({ deployer: tokenOwner(world), address: stranger }, { to: payee.address, amount: 77n });
    await world.evm.mine(3);
    await observeAddress(world, payee);
    await lookAgain();
    await observeAddress(world, payee);
    expect(await deposits(payee)).toMatchObject([
      {
        kind: "unknown_token",
        token: stranger,
        status: "suspense",
        waitingFor: "unknown-token",
        amountUnits: 77n,
        entryId: null,
      },
    ]);
    expect(await inSuspense("unknown-token")).toBe(0n);
  });

  it("C08: write down so many worthless tokens and no more", async () => {
    const payee = await newPayee(world);
    const spam = async (times: number) => {
      for (let sent = 0; sent < times; sent += 1) {
        await mintTokens({ deployer: tokenOwner(world), address: stranger }, { to: payee.address, amount: 1n });
      }
      await world.evm.mine(3);
      await lookAgain();
      await observeAddress(world, payee);
    };
    await spam(22);
    expect(await deposits(payee)).toHaveLength(20);
    await spam(3);
    expect(await deposits(payee)).toHaveLength(20);
  });

  it("are found by the watcher too, without a word of the customer, and at the newest addresses only now and then", async () => {
    const payee = await newPayee(world);
    await sendCoin(payee.address, COIN);
    await world.evm.mine(3);
    await scanDeposits(world);
    await world.database.raw("UPDATE chain_cursors SET odd_looked_at = '-infinity'");
    await lookAgain();
    const asked: string[] = [];
    const counting = withChain(world.chain, {
      readNativeBalance: (address, options) => {
        asked.push(address);
        return world.chain.readNativeBalance(address, options);
      },
    });
    await Promise.all([1, 2, 3].map(() => scanDeposits({ ...world, chain: counting })));
    expect(asked.filter((address) => address === payee.address)).toHaveLength(1);
    await scanDeposits(world);
    expect(await deposits(payee)).toMatchObject([{ kind: "native_coin", status: "suspense", amountUnits: COIN }]);
  });

  it("hold up no credit when the node does not know old states", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    const forgetful = withChain(world.chain, {
      readNativeBalance: async () => Promise.reject(new RpcUnavailable(world.network.id, "missing trie node")),
    });
    expect(await observeAddress({ ...world, chain: forgetful }, payee)).toMatchObject({ chainSeen: "current" });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(DOLLAR);
  });
});
