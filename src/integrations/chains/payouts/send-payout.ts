import { createHash } from "node:crypto";
import { networkFeePaid } from "../../../ledger/postings/fees-and-gas.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Chain, ChainNetwork, ChainToken, EvmNetwork, TransferAuthorization } from "../chain.ts";
import { GasTankEmpty, SweepNotReady, TokenNotSupported, TokensNotMoved } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import { gasCostOf } from "../outgoing/gas-cost.ts";
import { finishSigning } from "../outgoing/nonce-lane.ts";
import {
  claimCost,
  findOutgoingByKey,
  type OutgoingTransaction,
  storeWithoutNonce,
} from "../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../outgoing/outgoing-transactions.ts";
import type { Signer } from "../signer.ts";
import { SettlementWalletShort } from "./payout-errors.ts";

/** Tokens that leave the settlement wallet. `attempt` counts from 1; nothing of it was sent before the block `sinceBlock`. */
export type PayoutOrder = {
  readonly id: string;
  readonly token: string;
  readonly destination: string;
  readonly amountUnits: bigint;
  readonly attempt: number;
  readonly sinceBlock: number;
};

type SendNeeds = { readonly database: Database; readonly chain: Chain; readonly signer: Signer };

/** `authorize` keeps, before anything is signed, until when it will be good, and throws where the payout is over. */
type PrepareNeeds = SendNeeds & { readonly authorize: () => Promise<Date> };

/** What is to be broadcast, or where the tokens have moved already. */
export type PayoutStep =
  | { readonly state: "prepared"; readonly outgoing: OutgoingTransaction }
  | { readonly state: "moved"; readonly transactionHash: string };

/**
 * Signs and stores the transaction of a payout, sending nothing: an EIP-3009 authorization of the settlement wallet in a call of the vendor
 * wallet, or a Solana transfer for which the vendor wallet pays. Asked again it answers the same bytes. On an EVM chain the token itself
 * takes a payout once, whoever sends it and however often it is signed; nothing is signed there that could not be sent now. Throws `settlement_wallet_short`, `destination_refused`,
 * `gas_tank_empty`, `nonce_gap`, `transaction_would_fail`, `rpc_unavailable`.
 */
export async function preparePayoutTransaction(needs: PrepareNeeds, order: PayoutOrder): Promise<PayoutStep> {
  const { chain, database } = needs;
  const existing = await findOutgoingByKey(database, keyOfPayout(order));
  if (existing !== undefined) return { state: "prepared", outgoing: await finishSigning(needs, existing) };
  const token = chain.network.tokens.find(({ symbol }) => symbol === order.token);
  if (token === undefined) throw new TokenNotSupported(order.token, chain.network.name);
  return chain.network.kind === "evm"
    ? prepareAuthorized(needs, { order, token, network: chain.network })
    : prepareSponsored(needs, { order, token });
}

/** What became of a payout's transaction. `again`: it moved nothing and never will, make the next attempt. */
export type PayoutResult =
  | { readonly outcome: "paid"; readonly transactionHash: string }
  | { readonly outcome: "again" };

/**
 * Reads a transaction that is over and books what it cost, once, also where it moved nothing. Paid only when its own receipt shows the
 * transfer. Throws `sweep_not_ready` while it is not over, and `tokens_not_moved` where it succeeded without the transfer.
 */
export async function readPayoutTransaction(
  needs: Omit<SendNeeds, "database"> & Parameters<typeof bookGas>[0],
  order: PayoutOrder,
): Promise<PayoutResult> {
  const sent = await findOutgoingByKey(needs.database, keyOfPayout(order));
  const isOver = sent?.status === "mined" || sent?.status === "failed" || sent?.status === "expired";
  if (sent === undefined || !isOver) throw new SweepNotReady(order.id, "it is not mined yet");
  await bookGas(needs, sent);
  if (sent.status !== "mined" || sent.hash === null) return { outcome: "again" };
  await requireMoved(needs, { order, hash: sent.hash });
  return { outcome: "paid", transactionHash: sent.hash };
}

async function prepareAuthorized(
  needs: PrepareNeeds,
  input: { readonly order: PayoutOrder; readonly token: ChainToken; readonly network: EvmNetwork },
): Promise<PayoutStep> {
  const { chain, signer } = needs;
  const { order, token, network } = input;
  const pays = { payoutId: order.id };
  const claimed: TransferAuthorization = {
    method: "transferWithAuthorization",
    chainId: network.chainId,
    token,
    from: signer.settlementWallet,
    to: order.destination,
    amountUnits: order.amountUnits,
    nonce: nonceOfPayout(network, order),
    pays,
  };
  const used = await chain.findUsedAuthorization({ authorization: claimed, sinceBlock: order.sinceBlock });
  if (used !== undefined) {
    await requireMoved(needs, { order, hash: used.transactionHash });
    return { state: "moved", transactionHash: used.transactionHash };
  }
  await requireTokens(needs, { order, token });
  await requireSendable(needs, { order, token });
  const until = await needs.authorize();
  const authorization = { ...claimed, validBefore: BigInt(Math.floor(until.getTime() / 1000)) };
  const signature = await signer.signTransferAuthorization("settlement", authorization);
  const wallet = signer.vendorWallet;
  const priced = await chain.quoteAuthorizedTransfer({ authorization, signature, sender: wallet });
  const quote = { ...priced, unsigned: { ...priced.unsigned, pays } };
  return { state: "prepared", outgoing: await prepareTransaction(needs, { key: keyOfPayout(order), wallet, quote }) };
}

async function prepareSponsored(
  needs: SendNeeds,
  { order, token }: { readonly order: PayoutOrder; readonly token: ChainToken },
): Promise<PayoutStep> {
  const { chain, database, signer } = needs;
  if (chain.quoteSponsoredTransfer === undefined || signer.signSponsoredTransfer === undefined)
    throw new Error(`${chain.network.name} has no sponsored transfers.`);
  await requireTokens(needs, { order, token });
  const unsigned = await chain.quoteSponsoredTransfer({
    mint: token.address,
    decimals: token.decimals,
    from: signer.settlementWallet,
    to: order.destination,
    amountUnits: order.amountUnits.toString(),
    feePayer: signer.vendorWallet,
    pays: { payoutId: order.id },
  });
  const signed = await signer.signSponsoredTransfer("settlement", unsigned);
  const stored = { key: keyOfPayout(order), chain: chain.network.id, wallet: signer.vendorWallet, unsigned, ...signed };
  return { state: "prepared", outgoing: await storeWithoutNonce(database, stored) };
}

async function requireTokens(
  needs: SendNeeds,
  { order, token }: { readonly order: PayoutOrder; readonly token: ChainToken },
): Promise<void> {
  const wallet = needs.signer.settlementWallet;
  const found = await needs.chain.readTokenBalance({ token: token.address, owner: wallet });
  if (found >= order.amountUnits) return;
  throw new SettlementWalletShort({ chain: needs.chain.network.name, wallet, expected: order.amountUnits, found });
}

/**
 * Tries the transfer unsigned: an authorization is anybody's to use from when a node has seen it, so none is made that the token refuses
 * or the vendor wallet cannot pay for.
 */
async function requireSendable(
  { chain, signer }: SendNeeds,
  { order, token }: { readonly order: PayoutOrder; readonly token: ChainToken },
): Promise<void> {
  const { destination: to, amountUnits } = order;
  const { settlementWallet: from, vendorWallet: wallet } = signer;
  const { unsigned } = await chain.quoteTokenTransfer({ token: token.address, from, to, amountUnits });
  const needed = BigInt(unsigned.gasLimit) * BigInt(unsigned.maxFeePerGas);
  const balance = await chain.readNativeBalance(wallet);
  if (balance < needed) throw new GasTankEmpty({ chain: chain.network.id, wallet, needed, balance });
}

/** The token may say yes and move nothing: then an operator looks, and nothing is sent again. */
async function requireMoved(
  { chain, signer }: Pick<SendNeeds, "chain" | "signer">,
  { order, hash }: { readonly order: PayoutOrder; readonly hash: string },
): Promise<void> {
  const token = chain.network.tokens.find(({ symbol }) => symbol === order.token)?.address;
  const receipt = await chain.readReceipt(hash);
  const isThere = receipt?.transfers.some(
    (transfer) =>
      transfer.token === token &&
      transfer.from === signer.settlementWallet &&
      transfer.to === order.destination &&
      transfer.amountUnits === order.amountUnits,
  );
  if (isThere !== true) throw new TokensNotMoved({ sweepId: order.id, transactionHash: hash });
}

async function bookGas(
  needs: { readonly database: Database; readonly chain: Chain; readonly ledger: LedgerWriter },
  { id, hash, feeUnits }: OutgoingTransaction,
): Promise<void> {
  if (hash === null || feeUnits === null) return;
  const amount = gasCostOf(needs.chain, feeUnits);
  await needs.database.transaction(async (transaction) => {
    if (!(await claimCost(transaction, id)) || amount === 0n) return;
    const fee = { chain: needs.chain.network.id, transactionId: hash, amount };
    await needs.ledger.postIn(transaction, networkFeePaid(fee));
  });
}

/** The nonce of a payout's authorizations: of the payout alone, so a second attempt meets the nonce of the first, used. */
export function nonceOfPayout(network: Pick<ChainNetwork, "id">, { id }: Pick<PayoutOrder, "id">): string {
  return `0x${createHash("sha256").update(`tollkeeper:payout:${network.id}:${id}`).digest("hex")}`;
}

/** The key of an attempt's transaction among all that leave wallets of ours. The database knows it by its first part. */
export function keyOfPayout({ id, attempt }: Pick<PayoutOrder, "id" | "attempt">): string {
  return `payout:${id}:${attempt}`;
}
