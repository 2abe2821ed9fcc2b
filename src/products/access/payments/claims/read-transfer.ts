import type { Nanodollars } from "../../../../money/nanodollars.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { proveSettlement } from "../settlement/prove-settlement.ts";

/** A wallet and token that a transfer may have paid, with the price in the token's base units. */
export type Receiver = {
  readonly network: string;
  readonly token: string;
  readonly decimals: number;
  readonly payTo: string;
  readonly priceUnits: bigint;
};

/** A transfer that paid one of them; however little. */
export type PaidTransfer = {
  readonly kind: "paid";
  readonly receiver: Receiver;
  readonly payer: string;
  readonly paidUnits: bigint;
  readonly at: Date;
  readonly memos: readonly string[];
  /** The key of the authorization that moved it, where one did (EVM). */
  readonly authorization: string | null;
};

/** What a transaction that a payer named turned out to be. */
export type FoundTransfer =
  | PaidTransfer
  | { readonly kind: "not_seen"; readonly detail: string }
  | { readonly kind: "refuted"; readonly code: string; readonly detail: string };

/** Reads a transaction from the chain and finds which of the wallets it paid since a moment. `gross` decides how deep it has to be. */
export async function findTransfer(
  needs: Pick<PaymentNeeds, "accessChains">,
  input: {
    readonly receivers: readonly Receiver[];
    readonly transaction: string;
    readonly since: Date;
    readonly gross: Nanodollars;
  },
): Promise<FoundTransfer> {
  const { transaction, since, gross } = input;
  const kind = transaction.startsWith("0x") ? "eip155:" : "solana:";
  const candidates = input.receivers.filter(({ network }) => network.startsWith(kind));
  const looks = candidates.map(async (receiver): Promise<FoundTransfer> => {
    const { network, token, payTo } = receiver;
    const payment = { network, token, payTo, gross, dialect: "pay2", payer: "", payloadKey: "" } as const;
    const asked = { ...payment, amountUnits: 1n, createdAt: since };
    const proof = await proveSettlement(needs, { payment: asked, transaction, quotedAt: since });
    return proof.kind === "proven" ? { ...proof, kind: "paid", receiver } : proof;
  });
  const found = await Promise.all(looks);
  return (
    found.find(({ kind: each }) => each === "paid") ??
    found.find(({ kind: each }) => each === "not_seen") ??
    found[0] ?? { kind: "refuted", code: "network_unknown", detail: "The quote offers no network of this transaction." }
  );
}
