import { randomUUID } from "node:crypto";
import { Contract, JsonRpcProvider, NonceManager, Wallet } from "ethers";
import { z } from "zod";
import type { SandboxDescription } from "../sandbox-file.ts";
import { callApi, pollUntil } from "./http.ts";

const ERC20 = ["function transfer(address to, uint256 value)"];

const Session = z.object({
  checkout_session_id: z.string(),
  offer_id: z.string(),
  crypto_checkout: z.object({
    receiving_address: z.string(),
    token_address: z.string(),
    token_decimals: z.number(),
    minimum_amount: z.string(),
  }),
});
const Validation = z.object({ success: z.boolean(), status: z.string(), confirmed: z.string(), observed: z.string() });
const Finalized = z.object({
  status: z.string(),
  receipt: z.object({ purchase_id: z.string(), customer_billing_api_key: z.string(), billing_url: z.string() }),
});
const Purchase = z.object({
  purchase: z.object({
    id: z.string(),
    status: z.string(),
    balance: z.string(),
    thresholds_crossed: z.array(z.string()),
  }),
  checkout_wallet: z.object({
    address: z.string(),
    deposits: z.array(z.object({ amount: z.string(), status: z.string() })),
  }),
  resources: z.object({ bucket: z.string().nullable() }),
});
const Credentials = z.object({
  endpoint: z.string(),
  region: z.string(),
  bucket: z.string(),
  access_key_id: z.string(),
  secret_access_key: z.string(),
});
const Metered = z.object({ balance: z.string(), thresholds_crossed: z.array(z.string()) });

/** A checkout as the buyer holds it. */
export type Session = z.infer<typeof Session>;

/** A bought thing: its id and the key that came with it. */
export type Bought = {
  readonly purchaseId: string;
  readonly customerKey: string;
  readonly officexPurchaseId?: string;
};

/** A buyer with a wallet full of test tokens, speaking to the API as any client would. */
export type Buyer = ReturnType<typeof openBuyer>;

/** Opens a buyer on the sandbox's chain. `close` ends its connection to the node. */
export function openBuyer(world: SandboxDescription) {
  const provider = new JsonRpcProvider(world.evm.rpc, world.evm.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const wallet = new NonceManager(new Wallet(world.evm.faucetKey, provider));
  const { api } = world;
  const validate = (session: Session) =>
    callApi(
      api,
      { method: "POST", path: "/checkout/validate", body: { checkout_session_id: session.checkout_session_id } },
      Validation,
    );
  return {
    initiate: (offerId: string, chain: string = world.evm.chain) =>
      callApi(
        api,
        {
          method: "POST",
          path: "/checkout/initiate",
          body: { offer_id: offerId, chain, token: "USDC", ...buyerOf(world) },
        },
        Session,
      ),
    /** Sends `units` base units of a token to an address and waits for the transaction's block. */
    pay: async (to: string, units: bigint, token: string = world.evm.usdc): Promise<string> => {
      const sent: { hash: string; wait: () => Promise<unknown> } = await new Contract(token, ERC20, wallet).getFunction(
        "transfer",
      )(to, units);
      await sent.wait();
      return sent.hash;
    },
    validate,
    /** Asks until the deposit of a checkout is confirmed. */
    awaitPaid: (session: Session, seconds: number) =>
      pollUntil(
        { what: "the confirmed deposit", seconds },
        () => validate(session),
        (answer) => answer.success,
      ),
    finalize: async (session: Session): Promise<Bought> => {
      const officexPurchaseId = `PurchaseID_${randomUUID()}`;
      const body = {
        checkout_session_id: session.checkout_session_id,
        officex_purchase_id: officexPurchaseId,
      };
      const { receipt } = await callApi(api, { method: "POST", path: "/checkout/finalize", body }, Finalized);
      await createRecord(world, officexPurchaseId);
      return { purchaseId: receipt.purchase_id, customerKey: receipt.customer_billing_api_key, officexPurchaseId };
    },
    read: (bought: Bought) =>
      callApi(api, { method: "GET", path: `/purchase/${bought.purchaseId}`, key: bought.customerKey }, Purchase),
    credentials: (bought: Bought) =>
      callApi(
        api,
        { method: "GET", path: `/purchase/${bought.purchaseId}/credentials`, key: bought.customerKey },
        Credentials,
      ),
    /** Waits until the purchase has one of the statuses. */
    awaitStatus: (bought: Bought, statuses: readonly string[], seconds: number) =>
      pollUntil(
        { what: `purchase ${statuses.join(" or ")}`, seconds },
        () =>
          callApi(api, { method: "GET", path: `/purchase/${bought.purchaseId}`, key: bought.customerKey }, Purchase),
        (answer) => statuses.includes(answer.purchase.status),
      ),
    close: () => provider.destroy(),
  };
}

/** Who buys: an address for mails, and the organisation whose record the vendor keeps up to date. */
function buyerOf({ officex }: SandboxDescription) {
  const { orgId: org_id, host, orgApiKey: org_api_key } = officex;
  return { email: "buyer@example.com", org_id, host, org_api_key };
}

/** The buyer's own app writes the record of what it bought; from then on the vendor updates it. */
async function createRecord({ officex }: SandboxDescription, id: string): Promise<void> {
  await callApi(
    officex.host,
    {
      method: "POST",
      path: `/v1/drive/${officex.orgId}/purchases/create`,
      key: officex.orgApiKey,
      body: { id, status: "PAID" },
    },
    z.object({ ok: z.unknown() }),
  );
}

/** The status of a purchase's record in the buyer's organisation. */
export async function readRecordStatus({ officex }: SandboxDescription, id: string): Promise<string> {
  const path = `/v1/drive/${officex.orgId}/purchases/get/${id}`;
  const Reply = z.object({ ok: z.object({ data: z.object({ status: z.string() }) }) });
  return (await callApi(officex.host, { method: "GET", path, key: officex.orgApiKey }, Reply)).ok.data.status;
}

/** The vendor's side: asks for a purchase's vendor key and reports usage with it. */
export function openMeter(world: SandboxDescription, purchaseId: string) {
  const key = callApi(
    world.api,
    { method: "POST", path: `/admin/purchases/${purchaseId}/vendor-key`, key: world.keys.admin },
    z.object({ vendor_billing_api_key: z.string() }),
  );
  return {
    /** Charges `dollars` for an event of this id. */
    charge: async (dollars: string, eventId: string = randomUUID()) => {
      const { vendor_billing_api_key } = await key;
      const body = { event_id: eventId, usage_amount: "1", usage_unit: "GB_MONTH", billed_amount: dollars };
      return callApi(
        world.api,
        { method: "POST", path: `/purchase/${purchaseId}/meter-usage`, body, key: vendor_billing_api_key },
        Metered,
      );
    },
  };
}
