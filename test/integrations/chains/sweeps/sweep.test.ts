import { Contract } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import {
  type ChainWorld,
  faucet,
  ONE_DOLLAR,
  paidPayee,
  pay,
  prepareOpen,
  secretsOfWorld,
  send,
  signerWithTreasury,
  startChainWorld,
  tokenBalance,
  tokenOwner,
  waitUntilMined,
  withChain,
} from "../chain-world.ts";

const COLD_WALLET = "0x1111111111111111111111111111111111111111";

describe.skipIf(evmMissing !== undefined)("sweeping a deposit", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const rowsOf = async (sweepId: string): Promise<unknown[]> => {
    const { rows } = await world.database.raw("SELECT hash, raw, nonce FROM outgoing_transactions WHERE key LIKE ?", [
      `sweep:${sweepId}:%`,
    ]);
    return rows;
  };

  it("moves everything confirmed to the offramp wallet and never gives native coin to the deposit address", async () => {
    const payee = await paidPayee(world, 7n * ONE_DOLLAR);
    await pay(world, { to: payee.address, units: 3n * ONE_DOLLAR });
    await scanDeposits(world);
    const held = await tokenBalance(world, world.signer.treasury);
    const [treasury, inDeposits] = [
      accounts.treasury(world.network.id, "USDC"),
      accounts.depositWallet(world.network.id, "USDC"),
    ];
    const booked = { treasury: await balanceOf(world, treasury), inDeposits: await balanceOf(world, inDeposits) };
    const sweep = await prepareOpen(world, payee);
    expect(sweep).toMatchObject({ token: "USDC", amountUnits: "10000000" });
    expect(await tokenBalance(world, payee.address)).toBe(10n * ONE_DOLLAR);
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
    expect(await tokenBalance(world, payee.address)).toBe(0n);
    expect(await tokenBalance(world, world.signer.treasury)).toBe(held + 10n * ONE_DOLLAR);
    expect(await balanceOf(world, treasury)).toBe(booked.treasury + 10_000_000_000n);
    expect(await balanceOf(world, inDeposits)).toBe(booked.inDeposits - 10_000_000_000n);
    expect(await world.provider.getTransactionCount(payee.address)).toBe(0);
    expect(await world.provider.getBalance(payee.address)).toBe(0n);
    expect(await world.provider.getCode(payee.address)).toBe("0x");
  });

  it("prepares one transaction however often and however parallel it is asked", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const all = await Promise.all([1, 2, 3, 4].map(() => prepareOpen(world, payee)));
    expect(new Set(all.map(({ hash }) => hash)).size).toBe(1);
    expect(await prepareOpen(world, payee)).toEqual(all[0]);
    expect(await rowsOf(all[0]?.sweepId ?? "")).toHaveLength(1);
    await send(world, await prepareOpen(world, payee));
    expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("L17: finds a sweep done on the chain when the database was restored to before it, and sends nothing twice", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const done = await prepareOpen(world, payee);
    await send(world, done);
    const sent = await world.provider.getTransactionCount(world.signer.vendorWallet);
    const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "restore" });
    await owner.raw("UPDATE deposits SET sweep_id = NULL WHERE deposit_address_id = ?", [payee.depositAddressId]);
    await owner.raw("DELETE FROM outgoing_transactions WHERE key LIKE ?", [`sweep:${done.sweepId}:%`]);
    await owner.raw("DELETE FROM sweeps WHERE id = ?", [done.sweepId]);
    await owner.destroy();
    const again = await prepareSweep(world, payee);
    expect(again).toMatchObject({ state: "settled", transactionHash: done.hash });
    expect(again.sweepId).not.toBe(done.sweepId);
    expect(await recordSweep(world, again)).toMatchObject({ outcome: "swept" });
    expect(await world.provider.getTransactionCount(world.signer.vendorWallet)).toBe(sent);
  });

  it("signs the reserved nonce after a crash between reserving and signing", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const crashing = { ...world.signer, signTransaction: () => Promise.reject(new Error("killed")) };
    await expect(prepareOpen({ ...world, signer: crashing }, payee)).rejects.toThrow("killed");
    const sweep = await prepareOpen(world, payee);
    expect(await rowsOf(sweep.sweepId)).toHaveLength(1);
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
  });

  it("takes a later deposit with the next sweep, never with the one that is open", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const first = await prepareOpen(world, payee);
    await pay(world, { to: payee.address, units: 5n * ONE_DOLLAR });
    await scanDeposits(world);
    expect(await prepareOpen(world, payee)).toEqual(first);
    await expect(recordSweep(world, first)).rejects.toMatchObject({ code: "sweep_not_ready" });
    await send(world, first);
    await recordSweep(world, first);
    const second = await prepareOpen(world, payee);
    expect(second).toMatchObject({ amountUnits: "5000000" });
    expect(second.sweepId).not.toBe(first.sweepId);
    await send(world, second);
    await recordSweep(world, second);
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({ code: "nothing_to_sweep" });
  });

  it("credits a top-up at once although the sweep before it has left and is not final", async () => {
    const payee = await paidPayee(world, 3n * ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    await broadcastTransaction(world, sweep);
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR });
    await scanDeposits(world);
    expect((await readDeposits(world.database, payee)).map(({ status }) => status)).toEqual(["confirmed", "confirmed"]);
  });

  it("sweeps a deposit that comes while an earlier sweep of its address is open, without waiting for it", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const first = await prepareOpen(world, payee);
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR });
    await scanDeposits(world);
    const [, late] = await readDeposits(world.database, payee);
    const target = { depositId: late?.id ?? "" };
    const [second, same] = await Promise.all([prepareSweep(world, target), prepareSweep(world, target)]);
    expect(second).toMatchObject({ state: "prepared", amountUnits: "2000000" });
    expect(same).toEqual(second);
    expect(second.sweepId).not.toBe(first.sweepId);
    if (second.state === "prepared") await broadcastTransaction(world, second);
    await send(world, first);
    if (second.state === "prepared") await waitUntilMined(world, second);
    expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("C15: counts a sweep to a cold treasury as done when a stranger sends our authorization first", async () => {
    const payee = await paidPayee(world, 4n * ONE_DOLLAR);
    const cold = { ...world, signer: await signerWithTreasury(world, COLD_WALLET) };
    const sweep = await prepareOpen(cold, payee);
    const ours = await storedCall(world, sweep.sweepId);
    await (await faucet(world).sendTransaction({ to: ours.to, data: ours.data })).wait();
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: false });
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "reverted" });
    const again = await prepareSweep(cold, payee);
    expect(again).toMatchObject({ state: "settled", sweepId: sweep.sweepId });
    expect(await recordSweep(world, again)).toEqual({ outcome: "swept", gasCost: "0" });
    expect(await tokenBalance(world, COLD_WALLET)).toBe(4n * ONE_DOLLAR);
  });

  it("signs nothing when the address holds less than was confirmed", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const silent = { ...world.signer, signTransferAuthorization: () => Promise.reject(new Error("signed")) };
    const short = withChain(world.chain, { readTokenBalance: async () => ONE_DOLLAR - 1n });
    const sweeping = prepareOpen({ ...world, chain: short, signer: silent }, payee);
    await expect(sweeping).rejects.toMatchObject({ code: "deposit_address_short" });
  });

  it("gives no nonce to a sweep the token contract would refuse, such as of a frozen address", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const owner = tokenOwner(world);
    const token = new Contract(world.evm.usdc, ["function blacklist(address)", "function unBlacklist(address)"], owner);
    await (await token.getFunction("blacklist").send(payee.address)).wait();
    const refusal = { code: "transaction_would_fail", message: expect.stringContaining("blacklisted") };
    await expect(prepareOpen(world, payee)).rejects.toMatchObject(refusal);
    await (await token.getFunction("unBlacklist").send(payee.address)).wait();
    expect(await send(world, await prepareOpen(world, payee))).toMatchObject({ succeeded: true });
  });

  it("C20: leaves no key, word or password in any row", async () => {
    const { rows } = await world.database.raw<{ rows: { text: string }[] }>(
      ["key_rings", "deposit_addresses", "deposits", "sweeps", "outgoing_transactions"]
        .map((table) => `SELECT row_to_json(t)::text AS text FROM ${table} t`)
        .join(" UNION ALL "),
    );
    const dump = rows.map(({ text }) => text.toLowerCase()).join("\n");
    expect(dump).toContain(world.signer.vendorWallet.toLowerCase());
    for (const secret of secretsOfWorld()) expect(dump).not.toContain(secret);
  });

  it("refuses an address of a mnemonic its signer does not hold", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    await world.database.raw(
      "INSERT INTO key_rings (id, chain_kind, xpub_fingerprint) VALUES ('kr_old', 'evm', 'old')",
    );
    await world.database.raw("UPDATE deposit_addresses SET key_ring_id = 'kr_old' WHERE id = ?", [
      payee.depositAddressId,
    ]);
    await expect(prepareOpen(world, payee)).rejects.toMatchObject({ code: "key_ring_not_loaded" });
  });
});

async function storedCall(world: ChainWorld, sweepId: string): Promise<{ readonly to: string; readonly data: string }> {
  const { rows } = await world.database.raw<{ rows: { to: string; data: string }[] }>(
    "SELECT unsigned->>'to' AS to, unsigned->>'data' AS data FROM outgoing_transactions WHERE key = ?",
    [`sweep:${sweepId}:1`],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("no stored transaction");
  return row;
}
