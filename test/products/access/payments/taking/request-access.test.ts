import { createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";
import { Keypair } from "@solana/web3.js";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { ExactSvmSchemeV1 } from "@x402/svm/exact/v1/client";
import { Wallet } from "ethers";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { newSolanaWallet } from "../../../../../sandbox/demo/solana-wallet.ts";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { LOCAL_USDC_MINT, setLamports, setTokens } from "../../../../../sandbox/parts/surfnet.ts";
import { startTestApp, type TestApp } from "../../../../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../../support/evm.ts";
import { startTestFacilitator, type TestFacilitator } from "../../../../support/facilitator.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../../support/solana.ts";
import { openEvmPayments, openSolanaPayments } from "../../../../support/x402-payers.ts";
import { addAsset, register } from "../../access-app.ts";
import { encode } from "../payment-world.ts";

const Granted = z.object({ status: z.literal("granted"), sessionToken: z.string(), network: z.string() }).loose();
const OffersV1 = z.object({ accepts: z.array(z.looseObject({ network: z.string() })) });

/** Everything real: both chains, our facilitator over HTTP, the API, and clients nobody here wrote. */
describe.skipIf(evmMissing ?? solanaMissing)("access, bought by unmodified clients", () => {
  let evm: EvmPart;
  let solana: TestSolana;
  let facilitatorDatabase: TestDatabase;
  let facilitator: TestFacilitator;
  let app: TestApp;
  let key: string;
  const buyer = Keypair.generate();
  const account = privateKeyToAccount(generatePrivateKey());

  beforeAll(async () => {
    const started = [startTestEvm(), startTestSolana({ slotTimeMs: 400 }), createTestDatabase()] as const;
    [evm, solana, facilitatorDatabase] = await Promise.all(started);
    const networks = [await openEvmPayments(evm), await openSolanaPayments(solana)];
    facilitator = await startTestFacilitator({
      ...{ databaseUrl: facilitatorDatabase.applicationUrl, networks },
      fund: async (feePayers) => {
        await evm.fund(feePayers.evm, 10n ** 19n);
        await setLamports(solana.rpc, { owner: feePayers.solana, lamports: 10n ** 10n });
      },
    });
    app = await startTestApp({
      ...{ RPC_ENDPOINT: evm.rpc, USDC_ADDRESS: evm.usdc, FACILITATOR_URL: facilitator.url },
      ...{ SOLANA_RPC: solana.rpc, SOLANA_NETWORK: "local", SOLANA_USDC_MINT: LOCAL_USDC_MINT },
    });
    await setTokens(solana.rpc, { owner: buyer.publicKey.toBase58(), units: 10n ** 9n });
    await evm.mint("USDC", account.address, 10n ** 9n);
    const payTo = newSolanaWallet();
    await setTokens(solana.rpc, { owner: payTo, units: 0n });
    const wallets = { "eip155:31337": Wallet.createRandom().address, "solana:local": payTo };
    key = (await register(app, { walletAddress: payTo, wallets })).key;
  });
  afterAll(async () => {
    await app?.close();
    await facilitator?.stop();
    await facilitatorDatabase?.drop();
    solana?.stop();
    await evm?.stop();
  });

  const buy = async (pay: typeof fetch, path: string) => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"units":2}' };
    const response = await pay(`${app.server.url}${path}`, init);
    const text = await response.text();
    expect(text).toContain("granted");
    return Granted.parse(JSON.parse(text));
  };
  const solanaSigner = () => createKeyPairSignerFromPrivateKeyBytes(buyer.secretKey.slice(0, 32));

  it("is granted and extended for @x402/fetch on Solana", async () => {
    const { id } = await addAsset(app, { key });
    const client = new ExactSvmScheme(await solanaSigner(), { rpcUrl: solana.rpc });
    const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "solana:*", client }] });
    const granted = await buy(pay, `/api/v1/access/${id}`);
    const extended = await buy(pay, `/api/v1/access/sessions/${granted.sessionToken}/extend`);
    expect(extended.sessionToken).toBe(granted.sessionToken);
    const rows = await app.owner("access_payments").where("asset_id", id);
    expect(rows).toMatchObject([{ status: "settled" }, { status: "settled", is_extension: true }]);
  });

  it("is granted for @x402/fetch on an EVM chain", async () => {
    const { id } = await addAsset(app, { key });
    const pay = wrapFetchWithPaymentFromConfig(fetch, {
      schemes: [{ network: "eip155:*", client: new ExactEvmScheme(account) }],
      spendControls: { allowedAssets: true },
    });
    expect(await buy(pay, `/api/v1/access/${id}`)).toMatchObject({ network: "eip155:31337" });
  });

  it("is granted to a client of protocol version 1 on Solana", async () => {
    const { id } = await addAsset(app, { key });
    const required = await app.call(`/api/v1/access/${id}`, { json: {} });
    const offer = OffersV1.parse(required.body).accepts.find(({ network }) => network === "solana-devnet");
    const scheme = new ExactSvmSchemeV1(await solanaSigner(), { rpcUrl: solana.rpc });
    const payment = await scheme.createPaymentPayload(1, Object(offer));
    const headers = { "X-PAYMENT": encode(payment) };
    const granted = await app.call(`/api/v1/access/${id}`, { json: {}, headers });
    expect(granted.body).toMatchObject({ status: "granted" });
    expect(granted.headers.get("x-payment-response")).not.toBeNull();
    const again = await app.call(`/api/v1/access/${id}`, { json: {}, headers });
    expect(again.body).toMatchObject({ code: "payment_already_used" });
  });

  it("is granted for a plain transfer on Solana whose memo names the quote, to whoever has its secret", async () => {
    const { id } = await addAsset(app, { key });
    const required = await app.call(`/api/v1/access/${id}`, { json: {} });
    const quoteId = String(required.body.quoteId);
    const offer = OffersV1.parse(required.body).accepts.find(({ network }) => network === "solana-devnet");
    const signature = await solana.customer.pay({ to: String(offer?.payTo), units: 100_000n, memo: quoteId });
    const claim = (proof: unknown) =>
      app.call(`/api/v1/access/${id}`, {
        json: {},
        headers: { "x-payment-authorization": `PAY2 ${encode({ signature, quoteId, proof })}` },
      });
    expect((await claim("guess")).body).toMatchObject({ code: "payment_not_proven" });
    expect((await claim(required.body.quoteSecret)).body).toMatchObject({ status: "granted", transaction: signature });
  });
});
