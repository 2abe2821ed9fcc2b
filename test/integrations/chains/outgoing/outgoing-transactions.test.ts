import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  broadcastTransaction,
  checkTransaction,
} from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { evmMissing } from "../../../support/evm.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  type Payee,
  paidPayee,
  prepareOpen,
  send,
  startChainWorld,
  tokenBalance,
  vendorWallet,
  waitUntilMined,
  withChain,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("transactions of the vendor wallet", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("sends the stored bytes after a crash between storing and broadcasting, and any number of times after", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    const refuse = () => Promise.reject(new Error("signed again"));
    const silent = { ...world.signer, signTransaction: refuse, signTransferAuthorization: refuse };
    expect(await prepareOpen({ ...world, signer: silent }, payee)).toEqual(sweep);
    for (let time = 0; time < 3; time += 1)
      expect(await broadcastTransaction(world, sweep)).toEqual({ hash: sweep.hash });
    expect(await waitUntilMined(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
  });

  it("gives parallel sweeps of one wallet consecutive nonces, and all are mined", async () => {
    const payees: Payee[] = [];
    for (let index = 0; index < 6; index += 1) payees.push(await paidPayee(world, ONE_DOLLAR));
    const sweeps = await Promise.all(payees.map((payee) => prepareOpen(world, payee)));
    await Promise.all([...sweeps].reverse().map((sweep) => broadcastTransaction(world, sweep)));
    for (const sweep of sweeps) expect(await waitUntilMined(world, sweep)).toMatchObject({ succeeded: true });
    for (const payee of payees) expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("waits with plain words while the gas tank is empty and goes on after it is filled", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const coins = await world.provider.getBalance(world.signer.vendorWallet);
    await world.evm.fund(world.signer.vendorWallet, 1n);
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({
      code: "gas_tank_empty",
      message: expect.stringContaining("Send native coin"),
    });
    await world.evm.fund(world.signer.vendorWallet, coins);
    const sweep = await prepareOpen(world, payee);
    await world.evm.fund(world.signer.vendorWallet, 1n);
    await expect(broadcastTransaction(world, sweep)).rejects.toMatchObject({ code: "gas_tank_empty" });
    expect(await checkTransaction(world, sweep)).toEqual({ state: "dropped" });
    await world.evm.fund(world.signer.vendorWallet, coins);
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
  });

  it("are pending until they are final and canonical", async () => {
    const network = { ...world.network, finalityBlocks: 3 };
    const patient = { ...world, chain: withChain(world.chain, { network }) };
    const sweep = await prepareOpen(patient, await paidPayee(world, ONE_DOLLAR));
    await broadcastTransaction(patient, sweep);
    expect(await checkTransaction(patient, sweep)).toEqual({ state: "pending" });
    await world.evm.mine(2);
    const elsewhere = withChain(patient.chain, { readBlockHash: async () => `0x${"0".repeat(64)}` });
    expect(await checkTransaction({ ...world, chain: elsewhere }, sweep)).toEqual({ state: "pending" });
    expect(await checkTransaction(patient, sweep)).toMatchObject({ state: "mined", succeeded: true });
  });

  it("are sent again after the network dropped them", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastTransaction(world, sweep);
    expect(await checkTransaction(world, sweep)).toEqual({ state: "pending" });
    await world.provider.send("anvil_dropTransaction", [sweep.hash]);
    expect(await checkTransaction(world, sweep)).toEqual({ state: "dropped" });
    await world.provider.send("evm_setAutomine", [true]);
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
  });

  it("stop, naming the nonce, when something else was sent from the wallet with it", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    await (await vendorWallet(world).sendTransaction({ to: world.evm.faucetAddress, value: 1n })).wait();
    await expect(broadcastTransaction(world, sweep)).rejects.toMatchObject({ code: "nonce_gap" });
    await expect(checkTransaction(world, sweep)).rejects.toMatchObject({ code: "nonce_gap" });
  });

  it("are refused by the name of their id when there is none", async () => {
    const unknown = { outgoingTransactionId: "otx_none" };
    await expect(broadcastTransaction(world, unknown)).rejects.toMatchObject({ code: "sweep_not_ready" });
    await expect(checkTransaction(world, unknown)).rejects.toMatchObject({ code: "sweep_not_ready" });
  });

  it("stops the lane instead of guessing when the chain lacks nonces we did not give", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    await world.database.raw(
      `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned)
       VALUES ('otx_far', 'far', ?, ?, 900, '{}')`,
      [world.network.id, world.signer.vendorWallet],
    );
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({ code: "nonce_gap" });
  });
});
