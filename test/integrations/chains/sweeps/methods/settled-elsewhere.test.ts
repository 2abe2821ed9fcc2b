import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordSweep } from "../../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../../src/integrations/chains/sweeps/sweep.ts";
import { openDatabase } from "../../../../../src/platform/database/pool.ts";
import { evmMissing } from "../../../../support/evm.ts";
import {
  type ChainWorld,
  faucet,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  signerWithTreasury,
  startChainWorld,
} from "../../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("a sweep that another transaction settled", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("believes that somebody else moved the tokens only when that is final", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const cold = { ...world, signer: await signerWithTreasury(world, "0x3333333333333333333333333333333333333333") };
    const sweep = await prepareOpen(cold, payee);
    const { rows } = await world.database.raw<{ rows: { to: string; data: string }[] }>(
      "SELECT unsigned->>'to' AS to, unsigned->>'data' AS data FROM outgoing_transactions WHERE id = ?",
      [sweep.outgoingTransactionId],
    );
    const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "owner" });
    await owner.raw("DELETE FROM outgoing_transactions WHERE id = ?", [sweep.outgoingTransactionId]);
    await owner.destroy();
    await (await faucet(world).sendTransaction({ ...rows[0] })).wait();
    expect(await prepareSweep(cold, payee)).toMatchObject({ state: "waiting" });
    await expect(recordSweep(world, sweep)).rejects.toMatchObject({ code: "sweep_not_ready" });
    await world.evm.mine(world.network.finalityBlocks);
    expect(await prepareSweep(cold, payee)).toMatchObject({ state: "settled" });
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
  });
});
