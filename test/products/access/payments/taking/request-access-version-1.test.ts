import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/client";
import { JsonRpcProvider, Wallet } from "ethers";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import type { X402Network } from "../../../../../src/integrations/x402/networks.ts";
import { startTestApp, type TestApp } from "../../../../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../../support/evm.ts";
import { startTestFacilitator, type TestFacilitator } from "../../../../support/facilitator.ts";
import { addAsset, register } from "../../access-app.ts";
import { encode } from "../payment-world.ts";

const BASE_SEPOLIA = 84_532;
const Offers = z.object({ accepts: z.array(z.looseObject({ network: z.string() })).length(1) });

/** Version 1 knows a closed list of chains, so the local one takes the number of one of them. */
describe.skipIf(evmMissing)("access, bought by a client of protocol version 1 on an EVM chain", () => {
  let evm: EvmPart;
  let facilitatorDatabase: TestDatabase;
  let facilitator: TestFacilitator;
  let app: TestApp;
  const account = privateKeyToAccount(generatePrivateKey());

  beforeAll(async () => {
    [evm, facilitatorDatabase] = await Promise.all([startTestEvm(), createTestDatabase()]);
    await evm.mint("USDC", account.address, 10n ** 9n);
    await renumber(evm, BASE_SEPOLIA);
    const names = { id: `eip155:${BASE_SEPOLIA}`, caip2: `eip155:${BASE_SEPOLIA}`, v1Name: "base-sepolia" } as const;
    const eip712 = { name: "USD Coin", version: "2" };
    const tokens = [{ symbol: "USDC", address: evm.usdc, decimals: 6, eip712 }];
    const network: X402Network = { ...names, kind: "evm", shortName: "base-sepolia", isTest: true, tokens };
    facilitator = await startTestFacilitator({
      ...{ databaseUrl: facilitatorDatabase.applicationUrl, networks: [{ network, rpcUrl: evm.rpc }] },
      fund: (feePayers) => evm.fund(feePayers.evm, 10n ** 19n),
    });
    app = await startTestApp(
      {
        ...{ RPC_ENDPOINT: evm.rpc, CHAIN_ID_DEC: String(BASE_SEPOLIA), USDC_ADDRESS: evm.usdc },
        ...{ CHAIN_NAME: "base-sepolia", FACILITATOR_URL: facilitator.url },
      },
      // The token here signs as USDC does on mainnets; Base Sepolia's has another name.
      () => ({ x402Networks: [network] }),
    );
  });
  afterAll(async () => {
    await app?.close();
    await facilitator?.stop();
    await facilitatorDatabase?.drop();
    await evm?.stop();
  });

  it("is granted once, settled on chain, and answered in the version it was asked in", async () => {
    const { key } = await register(app, { walletAddress: Wallet.createRandom().address });
    const { id } = await addAsset(app, { key });
    const [offer] = Offers.parse((await app.call(`/api/v1/access/${id}`, { json: {} })).body).accepts;
    expect(offer).toMatchObject({ network: "base-sepolia", maxAmountRequired: "100000" });
    const payment = await new ExactEvmSchemeV1(account).createPaymentPayload(1, Object(offer));
    const headers = { "X-PAYMENT": encode(payment) };
    const granted = await app.call(`/api/v1/access/${id}`, { json: {}, headers });
    expect(granted.body).toMatchObject({ status: "granted", minutesPurchased: 1 });
    const answer: unknown = JSON.parse(atob(granted.headers.get("x-payment-response") ?? ""));
    expect(answer).toMatchObject({ success: true, network: "base-sepolia", transaction: granted.body.transaction });
    const again = await app.call(`/api/v1/access/${id}`, { json: {}, headers });
    expect(again.body).toMatchObject({ code: "payment_already_used" });
    const rows = await app.owner("access_payments").where("asset_id", id);
    expect(rows).toMatchObject([{ status: "settled", dialect: "v1", network: `eip155:${BASE_SEPOLIA}` }]);
  });

  it("X02: sent eight times at once buys once, and no answer asks for another payment", async () => {
    const { key } = await register(app, { walletAddress: Wallet.createRandom().address });
    const { id } = await addAsset(app, { key });
    const [offer] = Offers.parse((await app.call(`/api/v1/access/${id}`, { json: {} })).body).accepts;
    const payment = await new ExactEvmSchemeV1(account).createPaymentPayload(1, Object(offer));
    const headers = { "X-PAYMENT": encode(payment) };
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => app.call(`/api/v1/access/${id}`, { json: {}, headers })),
    );
    const said = replies.map(({ status, body }) => (status === 200 ? body.status : body.code));
    expect(said.sort()).toEqual(["granted", ...Array.from({ length: 7 }, () => "payment_already_used")]);
  });

  it("X03: which names no quote buys one thing, whichever of two equal offers it is shown at first", async () => {
    const merchant = await register(app, { walletAddress: Wallet.createRandom().address });
    const [one, other] = [await addAsset(app, merchant), await addAsset(app, merchant)];
    const required = await app.call(`/api/v1/access/${one.id}`, { json: {} });
    await app.call(`/api/v1/access/${other.id}`, { json: {} });
    const [offer] = Offers.parse(required.body).accepts;
    const payment = await new ExactEvmSchemeV1(account).createPaymentPayload(1, Object(offer));
    const show = ({ id }: typeof one) =>
      app.call(`/api/v1/access/${id}`, { json: {}, headers: { "X-PAYMENT": encode(payment) } });
    const replies = await Promise.all([one, other, one, other].map(show));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const said = replies.filter(({ status }) => status !== 200).map(({ body }) => body.code);
    expect(said).toEqual(["payment_already_used", "payment_already_used", "payment_already_used"]);
    const sold = await app.owner("access_sessions").whereIn("asset_id", [one.id, other.id]);
    expect(sold).toHaveLength(1);
  });
});

async function renumber({ rpc, chainId }: EvmPart, to: number): Promise<void> {
  const provider = new JsonRpcProvider(rpc, chainId, { staticNetwork: true });
  await provider.send("anvil_setChainId", [to]);
  provider.destroy();
}
