import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { openChains } from "../../../../src/integrations/chains/registry.ts";
import { readChainOfDeposit } from "../../../../src/integrations/chains/sweeps/sweep-requests.ts";
import { addAddress, addDeposit, CHAIN, openRows, TOKEN } from "../rows.ts";

describe("the chain a sweep works on", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  beforeAll(async () => {
    rows = await openRows();
  });
  afterAll(() => rows.stop());

  it("is the one its deposit is on, if this worker is configured for it", async () => {
    const { database } = rows;
    const { id } = await addDeposit(database, await addAddress(database));
    const chains = openChains([{ network: localNetwork({ usdc: TOKEN }), rpcUrl: "http://127.0.0.1:9" }]);
    expect((await readChainOfDeposit({ database, chains }, id)).network.id).toBe(CHAIN);
    const refused = { code: "chain_not_supported" };
    await expect(readChainOfDeposit({ database, chains }, "dep_none")).rejects.toMatchObject(refused);
    await expect(readChainOfDeposit({ database, chains: openChains([]) }, id)).rejects.toMatchObject(refused);
  });
});
