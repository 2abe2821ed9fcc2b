import { Wallet } from "ethers";
import type { Receiver } from "../../../src/integrations/chains/receiver.ts";
import { type Reply, startTestApp, type TestApp } from "../../support/app.ts";

/** A merchant that registered, and what its key opens. */
export type TestMerchant = { readonly id: string; readonly key: string; readonly wallet: string };

/** The API with chains that take every wallet; what `receivers` says of an address goes before. */
export type AccessApp = TestApp & { readonly receivers: Map<string, Receiver | Error> };

/** Starts an app whose access chains need no node. Tests of the wallet checks themselves use real chains instead. */
export async function startAccessApp(settings: Readonly<Record<string, string>> = {}): Promise<AccessApp> {
  const receivers = new Map<string, Receiver | Error>();
  const app = await startTestApp({ ...WITH_SOLANA, ...settings }, ({ accessChains }) => {
    const inspectReceiver = async ({ address }: { readonly address: string }): Promise<Receiver> => {
      const scripted = receivers.get(address);
      if (scripted instanceof Error) throw scripted;
      return scripted ?? { kind: "accepted", address, missing: [] };
    };
    const chains = accessChains.chains.map((chain) => ({ ...chain, inspectReceiver }));
    return {
      accessChains: { ...accessChains, chains, find: (name) => ({ ...accessChains.find(name), inspectReceiver }) },
    };
  });
  return { ...app, receivers };
}

/** A Solana chain beside the EVM one. */
const WITH_SOLANA = {
  SOLANA_RPC: "http://127.0.0.1:9",
  SOLANA_NETWORK: "local",
  SOLANA_USDC_MINT: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
} as const;

/** Registers a merchant with a wallet of its own. */
export async function register(app: TestApp, body: object = {}): Promise<TestMerchant> {
  const wallet = Wallet.createRandom().address;
  const reply = await app.call("/api/v1/auth/register", { json: { name: "A shop", walletAddress: wallet, ...body } });
  const { merchantId, apiKey } = dataOf(reply);
  return { id: String(merchantId), key: String(apiKey), wallet };
}

/** The `data` of an answer. Throws when it is a problem. */
export function dataOf(reply: Reply): Readonly<Record<string, unknown>> {
  if (reply.status >= 300) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return Object(reply.body.data);
}

/** The rows of a list. */
export function rowsOf(reply: Reply): readonly Readonly<Record<string, unknown>>[] {
  const { data } = reply.body;
  if (!Array.isArray(data)) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return data;
}

/** Puts a thing on sale: a GPU at ten cents a minute unless told. */
export async function addAsset(
  app: TestApp,
  merchant: Pick<TestMerchant, "key">,
  body: object = {},
): Promise<{ readonly id: string; readonly body: Readonly<Record<string, unknown>> }> {
  const json = { name: "RTX 4090 Gaming Rig #1", pricePerUnit: "0.10", unit: "minute", type: "gpu", ...body };
  const data = dataOf(await app.call("/api/v1/assets", { key: merchant.key, json }));
  return { id: String(data.assetId), body: data };
}
