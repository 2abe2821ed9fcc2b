import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HDNodeWallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readApiConfig } from "../src/config.ts";
import { openApiContext, openContext, readKeystore } from "../src/context.ts";
import { registerApiKey, revokeApiKeys } from "../src/identity/api-keys.ts";
import { DEPOSIT_ACCOUNT_PATH } from "../src/integrations/chains/evm/key-ring.ts";
import { apiEnvironment } from "./support/app.ts";
import { createTestDatabase, type TestDatabase } from "./support/database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const config = (settings: Readonly<Record<string, string>> = {}) =>
  readApiConfig(apiEnvironment(test.applicationUrl, settings));

async function vendorOf(settings: Readonly<Record<string, string>>) {
  const { close, vendor } = await openApiContext(config(settings));
  await close();
  return vendor;
}

describe("openContext", () => {
  it("opens a database, a ledger and the configured chain, and lets go of all connections at the end", async () => {
    const context = openContext(config({ DATABASE_POOL_SIZE: "3" }), "context-under-test");
    expect(context.networks.map(({ id, shortName }) => [id, shortName])).toEqual([["eip155:31337", "local"]]);
    const named = await context.database.raw("SELECT current_setting('application_name') AS name");
    expect(named.rows).toEqual([{ name: "context-under-test" }]);
    await context.close();
    await expect(context.database.raw("SELECT 1")).rejects.toThrow();
  });

  it("opens Solana besides where its node is named, and stops for a local chain without its mint", async () => {
    const solana = { SOLANA_RPC: "http://127.0.0.1:9", SOLANA_CHAIN_NAME: "sol" };
    const { networks, chains, close } = openContext(config({ ...solana, SOLANA_NETWORK: "devnet" }), "test");
    expect(networks.map(({ shortName, kind }) => [shortName, kind])).toEqual([
      ["local", "evm"],
      ["sol", "solana"],
    ]);
    expect(chains.find("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1")).toBe(chains.find("sol"));
    await close();
    expect(() => openContext(config({ ...solana, SOLANA_NETWORK: "local" }), "test")).toThrow("SOLANA_USDC_MINT");
    expect(() => openContext(config({ ...solana, SOLANA_CHAIN_NAME: "local" }), "test")).toThrow("configured twice");
  });

  it("takes payments for access on the chains it has and on further networks of the registry", async () => {
    const { networks, chains, accessChains, x402Networks, close } = openContext(
      config({
        SOLANA_RPC: "http://127.0.0.1:9",
        SOLANA_NETWORK: "devnet",
        ACCESS_RPC_ENDPOINTS: "polygon=http://127.0.0.1:9/?key=a=b, base-sepolia=http://127.0.0.1:9",
      }),
      "test",
    );
    expect(networks).toHaveLength(2);
    expect(x402Networks.map(({ caip2, v1Name }) => [caip2, v1Name])).toEqual([
      ["eip155:31337", null],
      ["solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "solana-devnet"],
      ["eip155:137", "polygon"],
      ["eip155:84532", "base-sepolia"],
    ]);
    expect(x402Networks[2]?.tokens).toEqual([
      {
        symbol: "USDC",
        address: "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
        decimals: 6,
        eip712: { name: "USD Coin", version: "2" },
      },
    ]);
    expect(accessChains.find("local")).toBe(chains.find("local"));
    expect(accessChains.find("polygon").network.id).toBe("eip155:137");
    await close();
  });

  it("stops the start for a further network it does not know, has already, or cannot reach by what is written", () => {
    const open = (ACCESS_RPC_ENDPOINTS: string) => openContext(config({ ACCESS_RPC_ENDPOINTS }), "test");
    expect(() => open("ethereum=http://127.0.0.1:9")).toThrow(/"ethereum", which is none of base, /);
    expect(() => open("polygon=http://127.0.0.1:9,polygon=http://127.0.0.1:8")).toThrow("configured twice");
    expect(() => open("polygon")).toThrow("ACCESS_RPC_ENDPOINTS");
    expect(() => open("polygon=ws://127.0.0.1:9")).toThrow("ACCESS_RPC_ENDPOINTS");
  });

  it("offers nothing on networks without a token that is accepted", () => {
    expect(openContext(config({ ACCEPTED_TOKENS: "PYUSD" }), "test").x402Networks).toEqual([]);
    expect(() => openContext(config({ ACCEPTED_TOKENS: "," }), "test")).toThrow("ACCEPTED_TOKENS");
  });

  it("lets the environment say what confirmations a deposit needs", () => {
    const { networks } = openContext(config({ DEFAULT_BLOCK_CONFIRMATIONS: "7" }), "test");
    expect(networks[0]?.confirmations).toEqual([{ blocks: 7 }]);
  });

  it("refuses an extended private key and an unknown chain without its token", () => {
    const account = HDNodeWallet.fromPhrase(
      "legal winner thank year wave sausage worth useful legal winner thank yellow",
      "",
      DEPOSIT_ACCOUNT_PATH,
    );
    expect(() => openContext({ ...config(), DEPOSIT_XPUB: account.extendedKey }, "test")).toThrow(
      "extended public key",
    );
    const { USDC_ADDRESS: _, ...without } = config();
    expect(() => openContext(without, "test")).toThrow("USDC_ADDRESS");
  });

  it("holds nothing that can sign", () => {
    const context = openContext(config(), "test");
    expect(Object.keys(context).filter((name) => /sign|wallet|mnemonic/i.test(name))).toEqual([]);
    expect(Object.keys(context.keyRing).sort()).toEqual(["deriveAddress", "fingerprint", "id", "kind"]);
  });
});

describe("openApiContext", () => {
  it("hears at once when a key is revoked", async () => {
    const context = await openApiContext(config());
    const key = `cbk_${"k".repeat(43)}`;
    await registerApiKey(context.database, { kind: "customer", subject: "pur_1", key });
    expect(await context.keys.find("customer", key)).toMatchObject({ subject: "pur_1" });
    await revokeApiKeys(context.database, { kind: "customer", subject: "pur_1" });
    await expect.poll(async () => context.keys.find("customer", key)).toBeUndefined();
    await context.close();
  });

  it.each([
    [{ PUBLIC_URL: "https://shop.example/" }, "https://shop.example"],
    [{ PUBLIC_URL: "", PORT: "4000" }, "http://localhost:4000"],
    [{ PUBLIC_URL: "", LISTEN_ADDR: "0.0.0.0:4001", PORT: "4000" }, "http://localhost:4001"],
    [{ PUBLIC_URL: "", LISTEN_ADDR: "[::1]:4002" }, "http://localhost:4002"],
    [{ PUBLIC_URL: "", NODE_ENV: "production", SERVER_DOMAIN: "pay.example" }, "https://pay.example"],
  ])("with %j sends customers to %s", async (settings, publicUrl) => {
    expect((await vendorOf(settings)).publicUrl).toBe(publicUrl);
  });
});

describe("readKeystore", () => {
  it("takes one line end off the password and nothing else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tollkeeper-keystore-"));
    const files = { keystore: join(folder, "keystore.json"), password: join(folder, "password") };
    writeFileSync(files.keystore, "{}");
    for (const [text, password] of [
      ["pass word \n", "pass word "],
      ["pass\r\n", "pass"],
      ["pass\n\n", "pass\n"],
      ["pass", "pass"],
    ] as const) {
      writeFileSync(files.password, text);
      expect(await readKeystore(files)).toEqual({ keystoreJson: "{}", password });
    }
    rmSync(folder, { recursive: true });
    await expect(readKeystore(files)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
