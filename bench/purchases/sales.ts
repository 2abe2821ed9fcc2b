import { Interface } from "ethers";
import { z } from "zod";
import { callApi } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { inFlight } from "./in-flight.ts";
import { openSaleWatch, type SaleWatch } from "./sale-watch.ts";
import type { SaleWorld } from "./world.ts";

/** A purchase that was sold, provisioned and swept. Times are the database's, in milliseconds of the epoch. */
export type SoldPurchase = {
  readonly checkoutId: string;
  readonly purchaseId: string;
  readonly depositId: string;
  readonly address: string;
  readonly startedAt: number;
  readonly confirmedAt: number;
  readonly finalizedAt: number;
  readonly activeAt: number;
  readonly sweptAt: number;
};

/** Sells `count` purchases, `most` at a time, each from its checkout until it is active and its deposit swept. */
export type Shop = {
  readonly watch: SaleWatch;
  readonly sell: (input: {
    readonly count: number;
    readonly most: number;
  }) => Promise<{ readonly sold: readonly SoldPurchase[]; readonly perSecond: number }>;
  readonly close: () => Promise<void>;
};

const FIVE_USDC = 5_000_000n;
const TRANSFER = new Interface(["function transfer(address to, uint256 value)"]);

const Session = z.object({
  checkout_session_id: z.string(),
  crypto_checkout: z.object({ receiving_address: z.string() }),
});
const Finalized = z.object({ receipt: z.object({ purchase_id: z.string() }) });
const RpcReply = z.object({ result: z.string() });

/** Opens a shop of customers who have no e-mail address and no organisation: what is told is told by webhook. */
export function openShop(world: SaleWorld): Shop {
  const watch = openSaleWatch(world);
  // One payment at a time: two that come at once would be given the same nonce.
  let paid: Promise<unknown> = Promise.resolve();
  const payNext = (address: string) => {
    const paying = paid.then(() => pay(world, address));
    paid = paying.catch(() => undefined);
    return paying;
  };
  const sellOne = () => sell({ world, watch, pay: payNext });
  return {
    watch,
    sell: async ({ count, most }) => {
      const begin = performance.now();
      const sold = await inFlight({ count, most }, sellOne);
      return { sold, perSecond: (count * 1000) / (performance.now() - begin) };
    },
    close: watch.close,
  };
}

type Selling = {
  readonly world: SaleWorld;
  readonly watch: SaleWatch;
  readonly pay: (address: string) => Promise<void>;
};

async function sell({ world, watch, pay: payNext }: Selling): Promise<SoldPurchase> {
  const { api, evm } = world.description;
  const startedAt = Date.now();
  const offer = { offer_id: S3_OFFER, chain: evm.chain, token: "USDC" };
  const session = await callApi(api, { method: "POST", path: "/checkout/initiate", body: offer }, Session);
  const address = session.crypto_checkout.receiving_address;
  await payNext(address);
  const paid = await watch.until({ address, what: "confirmed" }, (sale) => sale.confirmedAt);
  const body = { checkout_session_id: session.checkout_session_id };
  await callApi(api, { method: "POST", path: "/checkout/finalize", body }, Finalized);
  const done = await watch.until({ address, what: "active and swept" }, (sale) =>
    sale.activeAt === null ? null : sale.sweptAt,
  );
  const { checkoutId, purchaseId, depositId, finalizedAt, activeAt, sweptAt } = done;
  if (depositId === null || finalizedAt === null || activeAt === null || sweptAt === null)
    throw new Error(`the purchase at ${address} is done, but not whole`);
  const confirmedAt = paid.confirmedAt ?? Number.NaN;
  return { checkoutId, purchaseId, depositId, address, startedAt, confirmedAt, finalizedAt, activeAt, sweptAt };
}

/** The chain's own faucet signs: what a customer's wallet costs is not what is measured. */
async function pay({ parts, description }: SaleWorld, to: string): Promise<void> {
  const data = TRANSFER.encodeFunctionData("transfer", [to, FIVE_USDC]);
  const transaction = { from: parts.evm.faucetAddress, to: description.evm.usdc, data };
  const response = await fetch(description.evm.rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [transaction] }),
  });
  RpcReply.parse(await response.json());
}
