import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listVersions } from "../../../../src/integrations/chains/outgoing/transaction-version-store.ts";
import { broadcastSweep } from "../../../../src/integrations/chains/sweeps/broadcast-sweep.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../src/integrations/chains/sweeps/sweep.ts";
import { resumeSweep } from "../../../../src/integrations/chains/sweeps/sweep-requests.ts";
import { evmMissing } from "../../../support/evm.ts";
import { wakesOf } from "../books.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  startChainWorld,
  waitUntilMined,
  withChain,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("keeping a sweep moving", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("offers a stuck transaction again at once when an operator resumes the sweep, and wakes it", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    const { rows } = await world.database.raw<{ rows: { id: string }[] }>(
      "SELECT id FROM deposits WHERE sweep_id = ?",
      [sweep.sweepId],
    );
    const depositId = rows[0]?.id ?? "";
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastSweep(world, sweep);
    await broadcastSweep(world, sweep);
    expect(await listVersions(world.database, sweep.outgoingTransactionId)).toHaveLength(1);
    const resume = () => world.database.transaction((transaction) => resumeSweep(transaction, { depositId }));
    expect(await resume()).toEqual({ raised: 1 });
    expect(await wakesOf(world, `sweep/${depositId}`)).toBe(1);
    await broadcastSweep(world, sweep);
    await broadcastSweep(world, sweep);
    expect(await listVersions(world.database, sweep.outgoingTransactionId)).toHaveLength(2);
    await world.provider.send("evm_setAutomine", [true]);
    await world.evm.mine(1);
    expect(await waitUntilMined(world, sweep)).toMatchObject({ succeeded: true });
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
    expect(await resume()).toEqual({ raised: 0 });
    await expect(
      world.database.transaction((transaction) => resumeSweep(transaction, { depositId: "dep_none" })),
    ).rejects.toMatchObject({ code: "deposit_not_found" });
  });

  it("says at once when the chain forgot the deposit, and signs nothing", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const silent = { ...world.signer, signTransferAuthorization: () => Promise.reject(new Error("signed")) };
    const wiped = withChain(world.chain, { readReceipt: async () => undefined });
    await expect(prepareSweep({ ...world, chain: wiped, signer: silent }, payee)).rejects.toMatchObject({
      code: "deposit_forgotten",
    });
    expect(await prepareOpen(world, payee)).toMatchObject({ state: "prepared" });
  });
});
