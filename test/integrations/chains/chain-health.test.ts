import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChainHealth } from "../../../src/integrations/chains/chain-health.ts";
import { scanDeposits } from "../../../src/integrations/chains/deposits/deposits.ts";
import { openEvmChain } from "../../../src/integrations/chains/evm/chain.ts";
import { evmMissing } from "../../support/evm.ts";
import { type ChainWorld, startChainWorld, withChain } from "./chain-world.ts";

describe.skipIf(evmMissing !== undefined)("the health of a chain", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("is healthy while the scanner keeps up, and says so when it does not or the node is away", async () => {
    await scanDeposits(world);
    expect(await readChainHealth(world)).toMatchObject({ healthy: true, lagBlocks: 0, reason: "" });
    await world.evm.mine(31);
    expect(await readChainHealth(world)).toMatchObject({ healthy: false, lagBlocks: 31, reason: "scanner_behind" });
    const away = openEvmChain({ network: world.network, rpcUrl: "http://127.0.0.1:9", patience: { tries: 1 } });
    expect(await readChainHealth({ ...world, chain: away })).toMatchObject({
      healthy: false,
      head: -1,
      reason: "rpc_unavailable",
    });
    const silent = withChain(world.chain, { readHead: () => new Promise(() => undefined) });
    expect(await readChainHealth({ ...world, chain: silent })).toMatchObject({ reason: "rpc_unavailable" });
  });
});
