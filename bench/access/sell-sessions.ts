import { nanodollars } from "../../src/money/nanodollars.ts";
import { openSession } from "../../src/products/access/sessions/open-session.ts";
import { inFlight } from "../purchases/in-flight.ts";
import type { BenchMerchant } from "./shop.ts";
import type { AccessWorld } from "./world.ts";

/** A session that was sold, and what its holder shows. */
export type SoldSession = { readonly id: string; readonly token: string };

/** Where sessions are sold, and by whom. */
export type SellingNeeds = { readonly world: AccessWorld; readonly merchant: BenchMerchant };

const PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const IN_FLIGHT = 8;

/**
 * Opens sessions as settled payments do, by the same function, each on an asset of its own. Session n ends at `endsAt(n)`, milliseconds of
 * the epoch.
 */
export async function sellSessions(
  { world, merchant }: SellingNeeds,
  { count, endsAt }: { readonly count: number; readonly endsAt: (index: number) => number },
): Promise<readonly SoldSession[]> {
  const assets = await merchant.openAssets(count);
  const { merchantId } = merchant;
  return inFlight({ count, most: IN_FLIGHT }, async (index) => {
    const started = Date.now();
    // Paid time is whole seconds, so the start says to the millisecond when it ends.
    const seconds = Math.max(1, Math.ceil((endsAt(index) - started) / 1000));
    const opened = await world.database.transaction((transaction) =>
      openSession(transaction, world, {
        payment: { network: "eip155:31337", payer: PAYER, gross: nanodollars(10_000_000n) },
        quote: { merchantId, assetId: assets[index] ?? "", unit: "minute", unitSeconds: 1, units: seconds },
        now: new Date(endsAt(index) - seconds * 1000),
      }),
    );
    if (opened === "asset_taken") throw new Error("an asset of the bench is taken");
    return { id: opened.session.id, token: opened.token };
  });
}
