import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../sandbox/parts/evm.ts";
import { openAccessNetworks, unusedSettings } from "../src/access-networks.ts";
import type { Chain } from "../src/integrations/chains/chain.ts";
import { RpcUnavailable } from "../src/integrations/chains/errors.ts";
import { openEvmChain } from "../src/integrations/chains/evm/chain.ts";
import { localNetwork } from "../src/integrations/chains/evm/networks.ts";
import { registerChains } from "../src/integrations/chains/registry.ts";
import { createLogger } from "../src/platform/logger.ts";
import { startTestApp } from "./support/app.ts";
import { evmMissing, startTestEvm } from "./support/evm.ts";

const lines: string[] = [];
const logger = createLogger({ level: "info", name: "test", destination: { write: (line) => void lines.push(line) } });

describe.skipIf(evmMissing)("the networks that access is paid on", () => {
  let evm: EvmPart;
  beforeAll(async () => {
    evm = await startTestEvm();
  });
  afterAll(() => evm?.stop());

  it("stay offered while their nodes and tokens are what we know them as, or do not answer", async () => {
    const settings = {
      RPC_ENDPOINT: evm.rpc,
      USDC_ADDRESS: evm.usdc,
      ACCESS_RPC_ENDPOINTS: "polygon=http://127.0.0.1:9",
    };
    const app = await startTestApp(settings);
    await app.context.checkX402Networks({ logger });
    expect(app.context.x402Networks.map(({ id }) => id)).toEqual(["eip155:31337", "eip155:137"]);
    expect(lines.join()).toContain("could not be checked");
    const ready = await app.call("/readyz");
    expect(ready.body).toMatchObject({ capabilities: { access_local: "ok", access_polygon: "ok" } });
    await app.close();
  });

  it("are not offered once the node is of another chain or the token is another, as /readyz and the log say", async () => {
    const settings = { RPC_ENDPOINT: evm.rpc, USDC_ADDRESS: evm.usdt, ACCESS_RPC_ENDPOINTS: `polygon=${evm.rpc}` };
    const app = await startTestApp(settings);
    expect(app.context.x402Networks).toHaveLength(2);
    await app.context.checkX402Networks({ logger });
    expect(app.context.x402Networks).toEqual([]);
    const ready = await app.call("/readyz");
    expect(ready).toMatchObject({
      status: 200,
      body: { status: "degraded", capabilities: { access_local: "unavailable", access_polygon: "unavailable" } },
    });
    expect(lines.filter((line) => line.includes("it is not offered"))).toHaveLength(2);
    await app.close();
  });

  it("are offered again when they are right again, and left as they were by silence", async () => {
    let answer: string | undefined | Error = "it has 18 decimals, not 6";
    const chain: Chain = openEvmChain({ network: localNetwork({ usdc: evm.usdc }), rpcUrl: evm.rpc });
    if (chain.payments === undefined) throw new Error("payments are read on EVM");
    const whyNotToken = async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const chains = registerChains([{ ...chain, payments: { ...chain.payments, whyNotToken } }]);
    const networks = openAccessNetworks({ chains }, { endpoints: [], acceptedTokens: ["USDC"] });
    const offered: number[] = [];
    for (const next of [answer, new RpcUnavailable("local", "timeout"), undefined, new RpcUnavailable("local", "x")]) {
      answer = next;
      await networks.checkX402Networks({ logger });
      offered.push(networks.x402Networks.length);
    }
    expect(offered).toEqual([0, 0, 1, 1]);
    expect(lines.join()).toContain("is as we know it again");
  });
});

describe("what the settings name and nothing has", () => {
  const network = {
    ...{ id: "solana:local", caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", v1Name: "solana-devnet" },
    ...({ kind: "solana", shortName: "solana", isTest: true } as const),
    tokens: [{ symbol: "USDC", address: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU", decimals: 6 }],
  };

  it("is said at start: a token nobody can pay in, a network that is not there", () => {
    const usual = { acceptedTokens: ["USDC"], preferredNetwork: "solana-devnet", networks: [network] };
    expect(unusedSettings(usual)).toEqual([]);
    expect(unusedSettings({ ...usual, acceptedTokens: ["USDC", "DOGE"], preferredNetwork: "base" })).toEqual([
      expect.stringContaining("DOGE"),
      expect.stringContaining("PAYAI_NETWORK names base"),
    ]);
    expect(unusedSettings({ ...usual, acceptedTokens: ["DOGE"], networks: [] })[0]).toContain("cannot be paid");
  });
});
