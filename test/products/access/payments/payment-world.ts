import { createSIWxMessage } from "@x402/extensions/sign-in-with-x";
import { Wallet } from "ethers";
import { z } from "zod";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import type { Facilitator, FacilitatorCall } from "../../../../src/integrations/x402/facilitator.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { openMerchantAccount } from "../../../../src/products/access/fees/payer-balances.ts";
import type { PaymentNeeds } from "../../../../src/products/access/payments/payment-needs.ts";
import { type Reply, startTestApp, type TestApp } from "../../../support/app.ts";
import { type EvmPayload, openEvmPayer } from "../../../support/signed-transfers.ts";

export const EVM = "eip155:31337";
const Offer = z.object({ network: z.string(), amount: z.string(), payTo: z.string(), asset: z.string() }).loose();
const Required = z.object({ accepts: z.array(Offer).min(1), extensions: z.looseObject({}) });
const Call = z.object({
  payload: z.object({ signature: z.string(), authorization: z.record(z.string(), z.string()) }),
});

export type Payer = Awaited<ReturnType<typeof openEvmPayer>>;
export type PaymentWorld = Awaited<ReturnType<typeof startPaymentWorld>>;

/**
 * The API on a real local chain, with a facilitator that a test may have lie, fail or be slow. Unless told, it brings payments to the
 * chain as a good one does, and remembers what it was asked.
 */
export async function startPaymentWorld(evm: EvmPart, settings: Readonly<Record<string, string>> = {}) {
  const sender = await openEvmPayer(evm);
  const broadcast = async ({ paymentPayload }: FacilitatorCall) => {
    const { payload } = Call.parse(paymentPayload);
    return sender.submit(payload as unknown as EvmPayload);
  };
  const calls: { verify: FacilitatorCall[]; settle: FacilitatorCall[] } = { verify: [], settle: [] };
  const honest: Pick<Facilitator, "verify" | "settle"> = {
    verify: async () => ({ kind: "valid", payer: null, raw: { isValid: true } }),
    settle: async (call) => {
      const transaction = await broadcast(call);
      return { kind: "settled", transaction, payer: null, raw: { success: true, transaction } };
    },
  };
  const behaviour = { ...honest };
  const facilitator: Facilitator = {
    name: "stub",
    url: "https://facilitator.example",
    supported: async () => [],
    verify: (call) => {
      calls.verify.push(call);
      return behaviour.verify(call);
    },
    settle: (call) => {
      calls.settle.push(call);
      return behaviour.settle(call);
    },
  };
  const known = { isKnown: true };
  const chain = { RPC_ENDPOINT: evm.rpc, USDC_ADDRESS: evm.usdc };
  const app = await startTestApp({ ...chain, ...settings }, (context) => ({
    facilitators: {
      ...context.facilitators,
      choose: () => (known.isKnown ? { facilitator, extra: {}, versions: [1, 2] } : null),
      named: () => facilitator,
    },
  }));
  const needs: PaymentNeeds = {
    ...app.context,
    paymentTimeoutSeconds: 300,
    takesBarePayments: true,
    settlementWalletOf: () => null,
  };
  return {
    ...{ app, needs, calls, facilitator, behaviour, honest, known, broadcast, sender },
    reset: () => {
      Object.assign(behaviour, honest);
      known.isKnown = true;
      calls.verify.length = 0;
      calls.settle.length = 0;
    },
    sellAsset: (over: AssetOver = {}) => sellAsset(app, over),
    rows: (assetId: string) => app.owner("access_payments").where("asset_id", assetId).orderBy("created_at"),
    sessions: (assetId: string) => app.owner("access_sessions").where("asset_id", assetId),
    close: async () => {
      sender.close();
      await app.close();
    },
  };
}

type AssetOver = { readonly price?: string; readonly merchantId?: string; readonly wallet?: string | null };

async function sellAsset(app: TestApp, over: AssetOver) {
  const merchantId = over.merchantId ?? newId("mer");
  const assetId = newId("ast");
  const wallet = over.wallet === undefined ? Wallet.createRandom().address : over.wallet;
  if (over.merchantId === undefined) {
    await app.owner("merchants").insert({ id: merchantId, name: "A cafe", wallet_address: wallet ?? "none" });
    await openMerchantAccount(app.owner, { merchantId });
    if (wallet !== null)
      await app.owner("merchant_wallets").insert({ merchant_id: merchantId, network: EVM, address: wallet });
  }
  await app.owner("assets").insert({
    ...{ id: assetId, merchant_id: merchantId, name: "Rig", type: "gpu", unit: "minute", unit_seconds: 60 },
    price_nanodollars: over.price ?? "100000000",
  });
  return { merchantId, assetId, wallet: wallet ?? "" };
}

/** The 402's v2 offers, and its sign-in challenge. */
export function offersOf(reply: Reply) {
  const header = reply.headers.get("payment-required") ?? "";
  const { accepts, extensions } = Required.parse(JSON.parse(Buffer.from(header, "base64").toString("utf8")));
  const [first] = accepts;
  if (first === undefined) throw new Error("no offer");
  return { first, accepts, extensions };
}

/** Signs for the first offer of a 402, as an x402 v2 client does. */
export async function signV2(payer: Payer, reply: Reply, extra: { readonly id?: string } = {}) {
  const { first } = offersOf(reply);
  const payload = await payer.sign({
    to: first.payTo,
    units: BigInt(first.amount),
    validBefore: BigInt(Math.floor(Date.now() / 1000) + 120),
  });
  return { payload, accepted: first, header: headerV2({ payload, accepted: first, ...extra }) };
}

/** The header of a v2 payment; a payment identifier where `id` is given. */
export function headerV2(input: { readonly payload: object; readonly accepted: object; readonly id?: string }) {
  const { payload, accepted, id } = input;
  const extensions =
    id === undefined ? {} : { extensions: { "payment-identifier": { info: { required: false, id } } } };
  return { "PAYMENT-SIGNATURE": encode({ x402Version: 2, accepted, payload, ...extensions }) };
}

/** A header's object. */
export function encode(value: object): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64");
}

const Challenge = z.object({
  "sign-in-with-x": z.object({ info: z.looseObject({ domain: z.string(), uri: z.string(), nonce: z.string() }) }),
});

/** The header by which a wallet signs in with a 402's challenge. */
export async function signIn(payer: Payer, reply: Reply) {
  const { info } = Challenge.parse(offersOf(reply).extensions)["sign-in-with-x"];
  const proof = { ...info, address: payer.address, chainId: EVM, type: "eip191" as const };
  const message = createSIWxMessage(proof as unknown as Parameters<typeof createSIWxMessage>[0], payer.address);
  return { "SIGN-IN-WITH-X": encode({ ...proof, signature: await payer.signMessage(message) }) };
}
