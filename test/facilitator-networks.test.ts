import { expect, it } from "vitest";
import { readFacilitatorConfig } from "../src/config.ts";
import { evmSpending, facilitatorNetworks } from "../src/facilitator-networks.ts";

const environment = {
  SECRETS_DIR: "none",
  DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
  RPC_ENDPOINT: "http://127.0.0.1:9",
  CHAIN_ID_DEC: "8453",
  FACILITATOR_KEYSTORE_FILE: "keystore.json",
  FACILITATOR_PASSWORD_FILE: "password",
};

it("serves the networks that the API offers, each with its node and what proves it", () => {
  const config = readFacilitatorConfig({
    ...environment,
    SOLANA_RPC: "http://127.0.0.1:8",
    SOLANA_NETWORK: "devnet",
    ACCESS_RPC_ENDPOINTS: "polygon=https://polygon.example",
  });
  const found = facilitatorNetworks(config).map(({ network, rpcUrl, genesisHash }) => [
    network.caip2,
    rpcUrl,
    genesisHash,
  ]);
  expect(found).toEqual([
    ["eip155:8453", "http://127.0.0.1:9", undefined],
    ["solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "http://127.0.0.1:8", "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"],
    ["eip155:137", "https://polygon.example", undefined],
  ]);
});

it("needs its token in production, and is told of no other secret", () => {
  expect(() => readFacilitatorConfig({ ...environment, NODE_ENV: "production" })).toThrow("FACILITATOR_TOKEN");
  const secrets = { TOLLKEEPER_MASTER_KEY: "00".repeat(32), PAYAI_API_KEY: "id:secret" };
  expect(JSON.stringify(readFacilitatorConfig({ ...environment, ...secrets }))).not.toMatch(/id:secret|0{64}/);
});

it("spends on a settlement what is configured for its network, or for all others", () => {
  const spend = (shortName: string, FACILITATOR_MAX_NETWORK_FEE?: string) =>
    evmSpending(
      readFacilitatorConfig({
        ...environment,
        ...(FACILITATOR_MAX_NETWORK_FEE === undefined ? {} : { FACILITATOR_MAX_NETWORK_FEE }),
      }),
      { shortName },
    );
  expect(spend("polygon")).toEqual({ mostFeeUnits: 5n * 10n ** 17n, stuckAfterSeconds: 180 });
  expect(spend("base")).toMatchObject({ mostFeeUnits: 2n * 10n ** 15n });
  expect(spend("base", "*=0.1,base=0.3")).toMatchObject({ mostFeeUnits: 3n * 10n ** 17n });
  for (const wrong of ["base=0.3", "*=much", "0.2"])
    expect(() => spend("base", wrong)).toThrow("FACILITATOR_MAX_NETWORK_FEE");
});
