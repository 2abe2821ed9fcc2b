import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findByNonce } from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { evmMissing } from "../../../support/evm.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  startChainWorld,
  tokenBalance,
  waitUntilMined,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("the nonce lane of a wallet", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const newSweep = async () => prepareOpen(world, await paidPayee(world, ONE_DOLLAR));

  it("sends what was stored and never sent before what comes after it", async () => {
    const [first, second, third] = [await newSweep(), await newSweep(), await newSweep()];
    await broadcastTransaction(world, third);
    for (const sweep of [first, second, third]) {
      expect(await waitUntilMined(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
    }
  });

  it("sends again, in order, what the node forgot", async () => {
    const [first, second] = [await newSweep(), await newSweep()];
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastTransaction(world, first);
    await broadcastTransaction(world, second);
    await world.provider.send("anvil_dropAllTransactions", []);
    await broadcastTransaction(world, second);
    await world.provider.send("evm_setAutomine", [true]);
    await world.evm.mine(1);
    for (const sweep of [first, second]) expect(await waitUntilMined(world, sweep)).toMatchObject({ succeeded: true });
  });

  it("signs and sends a transaction whose nonce was given before a crash", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const crash = { ...world.signer, signTransaction: () => Promise.reject(new Error("crashed")) };
    await expect(prepareOpen({ ...world, signer: crash }, payee)).rejects.toThrow("crashed");
    const later = await newSweep();
    await broadcastTransaction(world, later);
    expect(await waitUntilMined(world, later)).toMatchObject({ succeeded: true });
    expect(await waitUntilMined(world, await prepareOpen(world, payee))).toMatchObject({ succeeded: true });
  });

  it("fills a nonce nobody took with a transaction that moves nothing, and books what that cost", async () => {
    const wallet = world.signer.vendorWallet;
    const next = await world.chain.readNonce(wallet);
    const payee = await paidPayee(world, ONE_DOLLAR);
    await world.database.raw(
      `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned, raw, hash, status)
       SELECT 'otx_ahead', 'ahead', chain, from_address, ?, unsigned, '0x00', '0xahead', 'mined'
       FROM outgoing_transactions WHERE from_address = ? LIMIT 1`,
      [next + 2, wallet],
    );
    const sweep = await prepareOpen(world, payee);
    const fillers = await Promise.all(
      [next, next + 1].map((nonce) => findByNonce(world.database, { chain: world.network.id, wallet, nonce })),
    );
    for (const filler of fillers)
      expect(filler).toMatchObject({ sweepId: sweep.sweepId, unsigned: { to: wallet, data: "0x" } });
    await world.database.raw("DELETE FROM outgoing_transactions WHERE id = 'otx_ahead'").catch(() => undefined);
  });

  it("stops instead of filling more than could be missing by accident", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    await world.database.raw(
      `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned)
       VALUES ('otx_far', 'far', ?, ?, 900, '{}')`,
      [world.network.id, world.signer.vendorWallet],
    );
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({ code: "nonce_gap" });
    expect(await tokenBalance(world, payee.address)).toBe(ONE_DOLLAR);
  });

  it("books the gas of a sweep once", async () => {
    const { rows } = await world.database.raw<{ rows: { id: string }[] }>(
      "SELECT id FROM sweeps WHERE status = 'open' ORDER BY created_at LIMIT 1",
    );
    const sweepId = rows[0]?.id ?? "";
    expect(BigInt((await recordSweep(world, { sweepId })).gasCost)).toBeGreaterThan(0n);
    expect(await recordSweep(world, { sweepId })).toMatchObject({ outcome: "swept", gasCost: "0" });
  });
});
