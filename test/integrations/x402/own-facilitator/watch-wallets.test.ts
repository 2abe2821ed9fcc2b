import { expect, it, vi } from "vitest";
import type {
  SettlementChain,
  WalletReading,
} from "../../../../src/integrations/x402/own-facilitator/settlement-chain.ts";
import { lookAtWallets, type WatchedWallet } from "../../../../src/integrations/x402/own-facilitator/watch-wallets.ts";
import { createLogger } from "../../../../src/platform/logger.ts";
import { BASE_SEPOLIA } from "../offers.ts";

const unused = async (): Promise<never> => {
  throw new Error("not asked here");
};
const reading = (settlementsLeft: number, blocked: string | null = null): WalletReading => ({
  ...{ nativeUnits: 5n, decimals: 18, settlementsLeft, blocked },
});

/** Looks again and again; answers what each look made the log say. */
async function looks(...seen: readonly (WalletReading | Error)[]) {
  const logger = createLogger({ level: "silent", name: "test" });
  const lines: string[] = [];
  vi.spyOn(logger, "warn").mockImplementation((_facts: unknown, line?: string) => void lines.push(`warn: ${line}`));
  vi.spyOn(logger, "info").mockImplementation((_facts: unknown, line?: string) => void lines.push(`info: ${line}`));
  let before: readonly WatchedWallet[] = [];
  const said: string[][] = [];
  for (const one of seen) {
    const readWallet = async () => {
      if (one instanceof Error) throw one;
      return one;
    };
    const chain: SettlementChain = {
      ...{ network: BASE_SEPOLIA, extra: {}, wallet: "0x1", requireChain: async () => {}, verify: unused },
      ...{ sign: unused, send: unused, look: unused, readWallet },
    };
    before = await lookAtWallets({ logger }, { chains: [chain], before, lowSettlements: 100 });
    said.push(lines.splice(0));
  }
  return { said, before };
}

it("warns once of a wallet that gets low, and says when it is well above the level again", async () => {
  const { said } = await looks(reading(100), reading(99), reading(110), reading(90), reading(120));
  expect(said).toEqual([
    [],
    ["warn: the wallet that pays fees is low: fund it"],
    [],
    [],
    ["info: the wallet that pays fees is full enough again"],
  ]);
});

it("warns once of a network on which nothing can be settled, and says when it goes on", async () => {
  const { said } = await looks(reading(500, "fees"), reading(500, "fees"), reading(500));
  expect(said).toEqual([["warn: nothing can be settled on this network now"], [], ["info: settlements go on"]]);
});

it("keeps what it saw while the node does not answer, and knows nothing before it did", async () => {
  expect((await looks(new Error("down"))).before).toEqual([]);
  const { before } = await looks(reading(7), new Error("down"));
  expect(before).toMatchObject([{ settlementsLeft: 7, wallet: "0x1", isLow: true }]);
});
