import { Wallet } from "ethers";
import type { Knex } from "knex";
import type { Chain } from "../../../src/integrations/chains/chain.ts";
import { localNetwork } from "../../../src/integrations/chains/evm/networks.ts";
import type { ChainRegistry } from "../../../src/integrations/chains/registry.ts";
import type { X402Network } from "../../../src/integrations/x402/networks.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import type { AssetDescription } from "../../../src/products/access/assets/create-asset.ts";
import { registerMerchant } from "../../../src/products/access/merchants/register-merchant.ts";
import { createTestDatabase } from "../../support/database.ts";
import { scriptChain } from "../../support/scripted-chain.ts";

/** The one network of these tests. */
export const LOCAL: X402Network = {
  ...{ id: "eip155:31337", caip2: "eip155:31337", v1Name: null, kind: "evm", shortName: "local", isTest: true },
  tokens: [{ symbol: "USDC", address: "0x5FbDB2315678afecb367f032d93F642f64180aa3", decimals: 6 }],
};

/** A GPU at ten cents a minute. */
export const RIG: AssetDescription = {
  ...{ name: "Rig", description: null, type: "gpu", unit: "minute", pricePerUnit: "0.1", metadata: {} },
  status: "available",
};

/** A database, and what the room's functions need, with a chain that takes every wallet. */
export async function startAccessRows() {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 8, name: "test" });
  const needs = {
    ...{ database, clock: systemClock, masterKey: Buffer.alloc(32, 7), allowPrivateHosts: true },
    ...{ x402Networks: [LOCAL], accessChains: anyWallet(), settlementWalletOf: () => null },
    platformFee: { basisPoints: 200, tiers: [] },
  };
  return {
    database,
    needs,
    register: (name = "Shop") => {
      const walletAddress = Wallet.createRandom().address;
      return registerMerchant(needs, { name, walletAddress, wallets: {}, refundsUnused: false });
    },
    close: async () => {
      await database.destroy();
      await test.drop();
    },
  };
}

/** A started world of rows. */
export type AccessRows = Awaited<ReturnType<typeof startAccessRows>>;

/** The keys of a merchant that still open something. */
export function livingKeys(database: Knex, merchantId: string): Promise<readonly { readonly id: string }[]> {
  return database("api_keys").where("subject", merchantId).whereNull("revoked_at").select("id");
}

/** The one chain of these tests: its node is never asked, and every wallet is taken. */
function anyWallet(): ChainRegistry {
  const network = localNetwork({ usdc: LOCAL.tokens[0]?.address ?? "" });
  const { chain } = scriptChain(network);
  const taking: Chain = {
    ...chain,
    inspectReceiver: async ({ address }) => ({ kind: "accepted", address, missing: [] }),
  };
  const find = () => taking;
  return { chains: [taking], find, findToken: () => ({ chain: taking, token: network.tokens[0] ?? missing() }) };
}

function missing(): never {
  throw new Error("the local network has no token");
}
