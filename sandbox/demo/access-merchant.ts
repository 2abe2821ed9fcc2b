import { z } from "zod";
import type { SandboxDescription } from "../sandbox-file.ts";
import { callApi, pollUntil } from "./http.ts";

const Registered = z.object({ data: z.object({ merchantId: z.string(), apiKey: z.string() }) });
const Asset = z.object({ data: z.object({ assetId: z.string() }) });
const Status = z.object({ data: z.object({ status: z.string() }) });
const Earnings = z.object({
  data: z.object({ totals: z.object({ payments: z.number(), gross: z.string(), fee: z.string(), net: z.string() }) }),
});
const Events = z.object({ data: z.array(z.object({ type: z.string(), deliveredAt: z.string().nullable() })) });

/** A thing on sale, and the merchant behind it as it speaks to the API. */
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Registers a merchant that is paid at `wallet` on one network, told at the sandbox's inbox, and puts one asset on sale by sessions. */
export async function openShop(
  { api, webhookInbox }: SandboxDescription,
  offer: { readonly network: string; readonly wallet: string; readonly price: string; readonly sessionSeconds: number },
) {
  const { network, wallet, price, sessionSeconds } = offer;
  const body = { name: "Gaming Cafe", wallets: { [network]: wallet }, webhookUrl: `${webhookInbox}/webhooks` };
  const registered = await callApi(api, { method: "POST", path: "/api/v1/auth/register", body }, Registered);
  const { merchantId, apiKey: key } = registered.data;
  const terms = { pricePerUnit: price, unit: "session", sessionSeconds };
  const asset = { name: "RTX 4090 Gaming Rig #1", type: "gpu", ...terms };
  const created = await callApi(api, { method: "POST", path: "/api/v1/assets", key, body: asset }, Asset);
  const { assetId } = created.data;
  const status = async () =>
    (await callApi(api, { method: "GET", path: `/api/v1/assets/${assetId}/status` }, Status)).data.status;
  return {
    ...{ merchantId, assetId, status },
    /** Waits until the asset can be rented again. */
    awaitAvailable: (seconds: number) =>
      pollUntil({ what: "the asset to be available", seconds }, status, (answer) => answer === "available"),
    earnings: async () =>
      (await callApi(api, { method: "GET", path: "/api/v1/merchant/earnings", key }, Earnings)).data.totals,
    /** Waits until the merchant's server took every event so far; answers their types, oldest first. */
    awaitTold: async (seconds: number) => {
      const read = () => callApi(api, { method: "GET", path: "/api/v1/merchant/events", key }, Events);
      const told = await pollUntil({ what: "the merchant to be told", seconds }, read, ({ data }) =>
        data.every(({ deliveredAt }) => deliveredAt !== null),
      );
      return told.data.map(({ type }) => type).toReversed();
    },
  };
}
