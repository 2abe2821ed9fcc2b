import type { RefundClaim } from "../chain.ts";
import { TokenNotSupported } from "../errors.ts";
import { type OutgoingTransaction, storeWithoutNonce } from "../outgoing/outgoing-transaction-store.ts";
import type { SweepNeeds } from "../sweeps/methods/sweep-method.ts";
import type { Refund } from "./refund-store.ts";

/**
 * Signs and stores a refund of tokens that are in the vendor wallet, on a chain without nonces, sending nothing. Whoever comes second
 * gets the first one's bytes. Throws `GasTankEmpty`, `TransactionWouldFail`, `DestinationRefused`, `RpcUnavailable`.
 */
export async function prepareSponsoredRefund(
  needs: SweepNeeds,
  input: {
    readonly key: string;
    readonly refund: Pick<Refund, "id" | "token" | "destination" | "amountUnits">;
    readonly refunds: RefundClaim;
  },
): Promise<OutgoingTransaction> {
  const { chain, database, signer } = needs;
  const { key, refund, refunds } = input;
  const { network, quoteSponsoredTransfer } = chain;
  const token = network.tokens.find(({ address }) => address === refund.token);
  if (token === undefined) throw new TokenNotSupported(refund.token, network.name);
  if (quoteSponsoredTransfer === undefined || signer.signSponsoredTransfer === undefined)
    throw new Error(`${network.name} has no sponsored transfers.`);
  const wallet = signer.vendorWallet;
  const unsigned = await quoteSponsoredTransfer({
    mint: refund.token,
    decimals: token.decimals,
    from: wallet,
    to: refund.destination,
    amountUnits: refund.amountUnits.toString(),
    feePayer: wallet,
    refunds,
  });
  const signed = await signer.signSponsoredTransfer("vendor", unsigned);
  return storeWithoutNonce(database, { key, chain: network.id, wallet, unsigned, ...signed, refundId: refund.id });
}
