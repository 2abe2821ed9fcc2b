import { Keypair } from "@solana/web3.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { LOCAL_USDC_MINT, setTokens } from "../../../../sandbox/parts/surfnet.ts";
import { tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../support/solana.ts";

const EVM_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe.skipIf(evmMissing ?? solanaMissing)("the wallets of a registration, on real chains", () => {
  let evm: EvmPart;
  let solana: TestSolana;
  let app: TestApp;
  beforeAll(async () => {
    [evm, solana] = await Promise.all([startTestEvm(), startTestSolana()]);
    app = await startTestApp({
      ...{ RPC_ENDPOINT: evm.rpc, USDC_ADDRESS: evm.usdc, USDT_ADDRESS: evm.usdt, CHAIN_ID_DEC: String(evm.chainId) },
      ...{ SOLANA_RPC: solana.rpc, SOLANA_NETWORK: "local", SOLANA_USDC_MINT: LOCAL_USDC_MINT },
    });
  });
  afterAll(async () => {
    await app.close();
    solana.stop();
    await evm.stop();
  });

  const newAddress = () => Keypair.generate().publicKey.toBase58();
  const register = async (wallets: Readonly<Record<string, string>>) => {
    const before = await app.owner("merchants").count({ count: "*" }).first();
    const { status, body } = await app.call("/api/v1/auth/register", { json: { name: "Shop", wallets } });
    const after = await app.owner("merchants").count({ count: "*" }).first();
    expect(Number(after?.count) - Number(before?.count)).toBe(status === 201 ? 1 : 0);
    return { ...body, status };
  };

  it("take a wallet on each, spelt as the chain spells it", async () => {
    const address = newAddress();
    await setTokens(solana.rpc, { owner: address, units: 0n });
    expect(await register({ solana: address, local: EVM_WALLET.toLowerCase() })).toMatchObject({
      ...{ status: 201, data: { wallets: { solana: address, local: EVM_WALLET } } },
    });
  });

  it("C18: refuse a Solana wallet without a token account, and say which to create", async () => {
    const address = newAddress();
    const account = tokenAccountOf({ owner: address, mint: LOCAL_USDC_MINT });
    const answer = await register({ solana: address, local: EVM_WALLET });
    expect(answer).toMatchObject({
      ...{ status: 422, code: "token_account_missing", detail: expect.stringContaining(account) },
      missing: [{ symbol: "USDC", mint: LOCAL_USDC_MINT, account }],
    });
  });

  it("C18: refuse what is no wallet, each with its reason", async () => {
    const owner = newAddress();
    await setTokens(solana.rpc, { owner, units: 1n });
    const cases = [
      [{ solana: tokenAccountOf({ owner, mint: LOCAL_USDC_MINT }) }, "token_account"],
      [{ solana: LOCAL_USDC_MINT }, "mint"],
      [{ solana: "shop.sol" }, "name"],
      [{ solana: EVM_WALLET }, "malformed"],
      [{ local: owner }, "malformed"],
      [{ local: evm.usdc }, "token_contract"],
      [{ local: evm.usdt }, "token_contract"],
      [{ local: `0x${"0".repeat(40)}` }, "nobody"],
      [{ local: EVM_WALLET.replace("dc79C8", "dc79c8") }, "checksum"],
      [{ local: EVM_WALLET.replace("0x7", "0x７") }, "malformed"],
    ] as const;
    for (const [wallets, reason] of cases) {
      expect(await register(wallets)).toMatchObject({ status: 400, code: "wallet_refused", reason });
    }
  });
});
