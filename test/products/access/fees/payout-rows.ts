import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { newId } from "../../../../src/platform/ids.ts";

/** A payout of five dollars to a merchant, as it is begun. */
export function aPayout({ merchantId }: { readonly merchantId: string }) {
  return {
    id: newId("pout"),
    merchantId,
    network: "solana:local",
    token: "USDC",
    destination: "w",
    amountUnits: 5_000_000n,
    amount: parseDollars("5"),
    createdAt: new Date(),
  };
}
