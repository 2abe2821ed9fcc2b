import { expect, it } from "vitest";
import type { X402Network } from "../../../../../src/integrations/x402/networks.ts";
import { preferNetwork } from "../../../../../src/products/access/payments/quotes/prefer-network.ts";

const base = { kind: "evm", isTest: false, tokens: [] } as const;
const networks: readonly X402Network[] = [
  { ...base, id: "eip155:8453", caip2: "eip155:8453", v1Name: "base", shortName: "base" },
  { ...base, id: "eip155:1", caip2: "eip155:1", v1Name: null, shortName: "ethereum" },
  { ...base, id: "solana:local", caip2: "solana:devnet-id", v1Name: "solana-devnet", shortName: "solana" },
];
const order = (preferred: string | null) => preferNetwork(networks, preferred).map(({ id }) => id);

it.each(["solana-devnet", "solana:devnet-id", "solana:local"])(
  "puts %s first and leaves the others as they were",
  (name) => {
    expect(order(name)).toEqual(["solana:local", "eip155:8453", "eip155:1"]);
  },
);

it("changes nothing where none is preferred, or one that is not offered", () => {
  expect([order(null), order("solana-mars")]).toEqual([networks.map(({ id }) => id), networks.map(({ id }) => id)]);
});
