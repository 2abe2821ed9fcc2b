import { divide } from "../../../../money/conversions.ts";
import { NANODOLLARS_PER_DOLLAR, nanodollars } from "../../../../money/nanodollars.ts";
import { findAsset } from "../../assets/asset-store.ts";
import { AssetNotFound } from "../../errors.ts";
import { findMerchant } from "../../merchants/merchant-store.ts";
import { BarePaymentRefused, PaymentNotSeen, TransferRefused } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { draftQuote, MAXIMUM_UNITS, receiverOf } from "../quotes/quotes.ts";
import type { AccessOutcome } from "../taking/access-outcome.ts";
import { answerPayment } from "../taking/answer-payment.ts";
import type { PresentedProof } from "../taking/presented-proof.ts";
import { claimRow } from "./claim-row.ts";
import { answerCounted, type Claimed } from "./known-claim.ts";
import { findTransfer } from "./read-transfer.ts";
import { settleClaim } from "./settle-claim.ts";

type Bare = Claimed & { readonly proof: PresentedProof };

/**
 * `PAY2` as seed 001 shows it, with a transaction and nothing else: whoever names it first has it, so it is for trying out only. What was
 * paid, not long ago, buys as many units as it covers; the rest is the payer's balance.
 */
export async function claimBare(needs: PaymentNeeds, input: Bare): Promise<AccessOutcome> {
  const { target, presented, proof } = input;
  const { transaction } = presented;
  const asset = await findAsset(needs.database, target.assetId);
  const merchant = asset === null ? null : await findMerchant(needs.database, asset.merchantId);
  if (asset === null || merchant === null) throw new AssetNotFound();
  const receivers = needs.x402Networks.flatMap((network) => {
    const payTo = receiverOf(needs, merchant, network);
    const priceOf = (decimals: number) => divide(asset.price * 10n ** BigInt(decimals), NANODOLLARS_PER_DOLLAR, "up");
    return payTo === null
      ? []
      : network.tokens.map(({ symbol, decimals }) => ({
          ...{ network: network.id, token: symbol, decimals, payTo },
          priceUnits: priceOf(decimals),
        }));
  });
  const since = new Date(needs.clock.now() - needs.paymentTimeoutSeconds * 1000);
  const found = await findTransfer(needs, { receivers, transaction, since, gross: asset.price });
  if (found.kind === "not_seen") throw new PaymentNotSeen(found.detail);
  if (found.kind === "refuted") throw new TransferRefused(found);
  if (found.memos.some((memo) => memo.startsWith("qte_"))) throw new BarePaymentRefused();
  const paid = found.paidUnits / found.receiver.priceUnits;
  // Less than one unit buys nothing and is left to the payer, as is what no single quote can hold.
  const units = Math.min(Math.max(Number(paid), 1), MAXIMUM_UNITS);
  const terms = { asset, merchant, session: target.session, units, price: nanodollars(asset.price) };
  const { quote } = draftQuote(needs, terms, []);
  const receiver = { ...found.receiver, priceUnits: found.receiver.priceUnits * BigInt(units) };
  const submission = claimRow({ found: { ...found, receiver }, quote, proof, target, transaction });
  const payment = await settleClaim(needs, { submission, isNewQuote: true, isServed: true, raw: null });
  const answer = payment === null ? null : await answerPayment(needs, payment);
  return answer ?? answerCounted(needs, { claimed: input, proof, written: submission });
}
