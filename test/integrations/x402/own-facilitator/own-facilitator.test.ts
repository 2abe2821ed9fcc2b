import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOwnFacilitator } from "../../../../src/integrations/x402/own-facilitator/own-facilitator.ts";
import type { SettlementChain } from "../../../../src/integrations/x402/own-facilitator/settlement-chain.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { createLogger } from "../../../../src/platform/logger.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { BASE_SEPOLIA, SOLANA } from "../offers.ts";

const unused = async (): Promise<never> => {
  throw new Error("not asked here");
};
const chain = (network: SettlementChain["network"], changes: Partial<SettlementChain> = {}): SettlementChain => ({
  ...{ network, extra: { feePayer: "w" }, wallet: "w", requireChain: async () => {}, verify: unused, sign: unused },
  ...{ send: unused, look: unused, readWallet: unused, ...changes },
});

describe("openOwnFacilitator", () => {
  let test: TestDatabase;
  let database: Knex;
  const logger = createLogger({ level: "silent", name: "test" });
  beforeAll(async () => {
    test = await createTestDatabase();
    database = openDatabase(test.applicationUrl, { maxConnections: 2, name: "test" });
  });
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  async function withChains<Result>(
    chains: readonly SettlementChain[],
    work: (own: Awaited<ReturnType<typeof openOwnFacilitator>>) => Promise<Result>,
  ): Promise<Result> {
    const own = await openOwnFacilitator({ database, logger }, { chains, confirmMs: 100, lowSettlements: 0 });
    try {
      return await work(own);
    } finally {
      await own.stop();
    }
  }
  const callFor = (network: typeof SOLANA) => ({
    x402Version: 2 as const,
    paymentRequirements: {
      ...{ scheme: "exact", network: network.caip2, asset: network.tokens[0]?.address ?? "", amount: "5" },
      ...{ payTo: "m", maxTimeoutSeconds: 60 },
    },
    paymentPayload: { accepted: { scheme: "exact", network: network.caip2 }, payload: { transaction: "AA" } },
  });

  it("offers each network in the versions that have a name for it, and says which wallets sign", async () => {
    await withChains([chain(SOLANA), chain(BASE_SEPOLIA, { wallet: "0x1", extra: {} })], async (own) => {
      const { kinds, signers } = own.supported();
      const names = kinds.map(({ x402Version, network }) => `${x402Version} ${network}`);
      const expected = [SOLANA, BASE_SEPOLIA].flatMap(({ caip2, v1Name }) => [
        `2 ${caip2}`,
        ...(v1Name === null ? [] : [`1 ${v1Name}`]),
      ]);
      expect(names).toEqual(expected);
      expect(kinds[0]?.extra).toEqual({ feePayer: "w" });
      expect(signers).toEqual({ "solana:*": ["w"], "eip155:*": ["0x1"] });
    });
  });

  it("serves nothing on a chain whose node is another one, and the others all the same", async () => {
    const isOther = async () => Promise.reject(new Error("the node is of chain 1"));
    const verify = async () => ({ isValid: true, payer: "p" });
    const chains = [chain(BASE_SEPOLIA, { requireChain: isOther }), chain(SOLANA, { verify })];
    await withChains(chains, async (own) => {
      expect(own.supported().kinds.every(({ network }) => !network.startsWith("eip155"))).toBe(true);
      expect(await own.verify(callFor(BASE_SEPOLIA))).toMatchObject({
        isValid: false,
        invalidReason: "invalid_network",
      });
      const { response, inFlight } = await own.settle(callFor(BASE_SEPOLIA));
      expect(response).toMatchObject({ success: false, errorReason: "invalid_network", transaction: "" });
      expect([response.network, inFlight]).toEqual([BASE_SEPOLIA.caip2, false]);
      expect(await own.verify(callFor(SOLANA))).toEqual({ isValid: true, payer: "p" });
    });
  });

  it("claims nothing for a payload that is none", async () => {
    await withChains([chain(SOLANA)], async (own) => {
      const { response } = await own.settle(callFor(SOLANA));
      expect(response).toMatchObject({ success: false, errorReason: "invalid_payload", transaction: "" });
    });
    expect(await database("facilitator_settlements").count("* as rows").first()).toEqual({ rows: "0" });
  });
});
