import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAtSettlement } from "../../../../src/integrations/chains/reconciliation/settlement-wallet.ts";
import { newCustomer, solanaMissing } from "../../../support/solana.ts";
import { type SolanaWorld, startSolanaWorld, until } from "../solana/solana-world.ts";

describe.skipIf(solanaMissing)("a settlement wallet on Solana", { timeout: 120_000 }, () => {
  let world: SolanaWorld;
  beforeAll(async () => {
    world = await startSolanaWorld();
  });
  afterAll(() => world?.stop());

  it("has strangers' tokens told apart, each once, also where it was looked at before", async () => {
    const [token] = world.network.tokens;
    if (token === undefined) throw new Error("the local chain has a token");
    const settlement = {
      wallet: world.signer.settlementWallet,
      readBooks: async () => ({ ledger: 0n, arriving: [], leaving: [] }),
      findClaimed: async () => new Map<string, bigint>(),
    };
    const look = async () => {
      const { number: block } = await world.chain.readHead();
      const seen = await lookAtSettlement({ ...world, settlement }, { token, name: "solana/USDC", block });
      return { expected: seen?.expected, found: seen?.found, foreign: seen?.foreign };
    };
    expect(await look()).toEqual({ expected: 0n, found: 0n, foreign: 0n });
    const customer = await newCustomer(world.solana.rpc);
    await customer.pay({ to: settlement.wallet, units: 5n });
    const there = { expected: 5n, found: 5n, foreign: 5n };
    expect(await until(look, ({ foreign }) => foreign === 5n)).toEqual(there);
    expect(await look()).toEqual(there);
  });
});
