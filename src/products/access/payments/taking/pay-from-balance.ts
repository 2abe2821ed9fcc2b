import { SignInInvalid } from "../../../../integrations/x402/errors.ts";
import type { X402Network } from "../../../../integrations/x402/networks.ts";
import type { Wallet } from "../../../../integrations/x402/sign-in.ts";
import { InsufficientFunds } from "../../../../ledger/errors.ts";
import { divide } from "../../../../money/conversions.ts";
import { formatDollars, NANODOLLARS_PER_DOLLAR } from "../../../../money/nanodollars.ts";
import { newId } from "../../../../platform/ids.ts";
import { balanceToSpend, readPayerBalance } from "../../fees/payer-balances.ts";
import type { Merchant, SettlementMode } from "../../merchant.ts";
import { AssetBusy, BalanceTooSmall } from "../../payment-errors.ts";
import { type Claim, settleClaim } from "../claims/settle-claim.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { findPaymentByKey } from "../payment-store.ts";
import { requireOpenAsset } from "../quotes/offer.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";
import { draftQuote, readUnits, resourceUrl } from "../quotes/quotes.ts";
import type { AccessOutcome } from "./access-outcome.ts";
import type { PaidRequest } from "./access-request.ts";
import { answerKnownPayment, answerPayment } from "./answer-payment.ts";
import { keyHashOf } from "./presented-proof.ts";

/**
 * The dialect `balance`: what a payer has left at the merchant pays, in one transaction and without a facilitator. The wallet is proven by
 * sign-in-with-x, whose challenge is taken once, so a request that is repeated buys nothing twice; with an Idempotency-Key it gets the
 * first answer. Throws 401 `sign_in_invalid`, 409 `balance_too_small`, `asset_busy`.
 */
export async function payFromBalance(needs: PaymentNeeds, input: PaidRequest): Promise<AccessOutcome> {
  const { target, wanted, idempotencyKey } = input;
  const wallet = await signedInWallet(needs, input);
  const payer = wallet.address;
  const keyHash = idempotencyKey === null ? null : keyHashOf({ key: idempotencyKey, assetId: target.assetId, payer });
  const known = keyHash === null ? null : await findPaymentByKey(needs.database, keyHash);
  const proof = { quoteId: null, key: idempotencyKey, wallet };
  const answer = known === null ? null : await answerKnownPayment(needs, { known, target, proof });
  if (answer !== null) return answer;
  const { asset, merchant } = await requireOpenAsset(needs, target);
  const { units } = readUnits(wanted, asset.price);
  const { quote } = draftQuote(needs, { asset, merchant, session: target.session, units, price: asset.price }, []);
  const mode = await modeToSpend(needs, { quote, wallet });
  const submission = submissionOf(needs, { quote, merchant, wallet, keyHash, mode });
  const payment = await spend(needs, { submission, isNewQuote: true, isServed: true, raw: null });
  const granted = payment === null ? null : await answerPayment(needs, payment);
  if (granted === null) throw new AssetBusy();
  return granted;
}

function signedInWallet(needs: PaymentNeeds, { target, signInHeader }: PaidRequest): Promise<Wallet> {
  if (signInHeader === null)
    throw new SignInInvalid(
      "missing",
      "Prove the wallet whose balance pays by a SIGN-IN-WITH-X header; its challenge is in every 402 answer.",
    );
  return needs.signIn.verify(signInHeader, { resourceUrl: resourceUrl(needs, target) });
}

/** Where the tokens of the balance are that covers the price. */
async function modeToSpend(
  needs: PaymentNeeds,
  { quote, wallet }: { readonly quote: StoredQuote; readonly wallet: Wallet },
): Promise<SettlementMode> {
  const payer = { merchantId: quote.merchantId, ...wallet };
  const found = await balanceToSpend(needs.database, { ...payer, gross: quote.total });
  if (found !== null) return found.mode;
  const { total } = await readPayerBalance(needs.database, payer);
  throw new BalanceTooSmall({ balance: formatDollars(total), price: formatDollars(quote.total) });
}

async function spend(needs: PaymentNeeds, claim: Claim) {
  try {
    return await settleClaim(needs, claim);
  } catch (error) {
    if (!(error instanceof InsufficientFunds)) throw error;
    // Another request of this payer was quicker.
    throw new BalanceTooSmall({ balance: "0", price: formatDollars(claim.submission.quote.total) });
  }
}

/** Nothing moves on a chain; network and token say in what the balance is counted. */
function submissionOf(
  needs: PaymentNeeds,
  input: {
    readonly quote: StoredQuote;
    readonly merchant: Merchant;
    readonly wallet: Wallet;
    readonly keyHash: Buffer | null;
    readonly mode: SettlementMode;
  },
): Claim["submission"] {
  const { quote, merchant, wallet, keyHash, mode } = input;
  const { network, token } = countedIn(needs.x402Networks, wallet);
  const name = newId("bal", needs.clock.now());
  return {
    quote: { ...quote, settlementMode: mode },
    ...{ keyHash, retried: null, isPaid: false, leftUnits: 0n, payloadSealed: null, validUntil: null },
    facilitator: null,
    dialect: "balance",
    network: network.id,
    token: token.symbol,
    decimals: token.decimals,
    payTo: merchant.wallets.find((each) => each.network === network.id)?.address ?? merchant.walletAddress,
    payer: wallet.address,
    amountUnits: divide(quote.total * 10n ** BigInt(token.decimals), NANODOLLARS_PER_DOLLAR, "up"),
    payloadKey: name,
    transaction: name,
  };
}

function countedIn(networks: readonly X402Network[], wallet: Wallet) {
  const network = networks.find(({ kind }) => kind === wallet.kind);
  const [token] = network?.tokens ?? [];
  if (network === undefined || token === undefined)
    throw new Error("a wallet signed in on a network that is not taken");
  return { network, token };
}
