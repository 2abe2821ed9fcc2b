import type { ChainNetwork } from "../../integrations/chains/chain.ts";
import type { Deposit } from "../../integrations/chains/deposits/deposit-store.ts";
import { worthOf } from "../../integrations/chains/deposits/deposit-value.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import type { ShownDeposit } from "./checkout.ts";

/**
 * One deposit as its customer reads it: where it is, what of it is credited, and in a plain sentence why. `refundable` says whether it can be
 * sent back to its sender as a whole: it is in suspense, has dollars in the books, and its sender is known. Pure.
 */
export function showDeposit(network: ChainNetwork, deposit: Deposit): ShownDeposit {
  const worth = worthOf(network, deposit);
  const isNative = deposit.kind === "native_coin";
  return {
    id: deposit.id,
    transaction_hash: isNative ? null : deposit.transactionHash,
    log_index: isNative ? null : deposit.logIndex,
    from: isNative ? null : deposit.fromAddress,
    chain: network.shortName,
    token: worth?.symbol ?? null,
    token_address: isNative ? null : deposit.token,
    amount: worth === undefined ? null : formatDollars(worth.amount),
    amount_units: deposit.amountUnits.toString(),
    announced_units: deposit.announcedUnits?.toString() ?? null,
    status: deposit.status,
    credited: deposit.status === "confirmed" && worth !== undefined ? formatDollars(worth.amount) : "0",
    account_kind: accountKind(deposit),
    refundable: deposit.status === "suspense" && deposit.entryId !== null && !isNative,
    waiting_for: deposit.waitingFor,
    note: noteOn(network, deposit),
    observed_at: deposit.observedAt.toISOString(),
    confirmed_at: deposit.confirmedAt?.toISOString() ?? null,
  };
}

function accountKind(deposit: Deposit): ShownDeposit["account_kind"] {
  if (deposit.status === "confirmed") return "balance";
  return deposit.status === "suspense" ? "suspense" : "none";
}

function noteOn(network: ChainNetwork, deposit: Deposit): string {
  switch (deposit.status) {
    case "observed":
      return WAITING[deposit.waitingFor ?? "confirmations"] ?? "Seen; it cannot be credited yet. It is tried again.";
    case "confirmed":
      return confirmedNote(network, deposit);
    case "suspense":
      return SUSPENSE[deposit.waitingFor ?? ""] ?? "Kept apart until its owner is found.";
    case "orphaned":
      return deposit.waitingFor === "nothing_arrived"
        ? "The token announced a transfer, but nothing arrived. Nothing was credited."
        : "The chain replaced its block before it counted. If the transfer comes back, it is credited then.";
    case "reversed":
      return "It was credited, then the chain replaced its block and the transfer is gone: the credit was taken back. If the transfer comes back, it is credited again.";
    case "refunded":
      return "Sent back to its sender.";
    default:
      return deposit.status satisfies never;
  }
}

function confirmedNote(network: ChainNetwork, deposit: Deposit): string {
  if (deposit.waitingFor !== null) {
    return "Credited, but the chain replaced its block. If the transfer does not come back, the credit is taken back.";
  }
  if (deposit.assignedFrom !== null) return "Credited to the balance after it was found out whose it is.";
  if (deposit.announcedUnits !== null) return "Credited with what arrived: the token kept a part of the transfer.";
  const minimum = network.tokens.find(({ address }) => address === deposit.token)?.minimumSweepUnits ?? 0n;
  return deposit.amountUnits < minimum
    ? "Credited to the balance. It is too small to be moved on by itself; that changes nothing for you."
    : "Credited to the balance.";
}

/** What an observed deposit waits for, by the code in its row. Codes of the ledger and of tokens nobody configured have no own sentence. */
const WAITING: Readonly<Record<string, string>> = {
  confirmations: "Seen; it waits for more blocks.",
  balance_short: "Announced, but the tokens are not at the address. Nothing is credited until they are.",
  receipt_missing: "Seen; the chain's node does not have the whole transaction yet.",
  receipt_incomplete: "Seen; the chain's node does not show the whole transaction yet.",
  block_unknown: "Seen; the chain's node does not have its block yet.",
  providers_disagree: "Seen; the nodes we ask say different things about it. It is credited when they agree.",
  provider_unavailable: "Seen; one of the nodes that have to confirm it does not answer. It is credited when it does.",
};

const SUSPENSE: Readonly<Record<string, string>> = {
  "wrong-token": "This token is not accepted here. It is kept apart: ask for a refund, or for it to be credited.",
  "unknown-token": "This token is not known here and has no price, so nothing is credited. It is only written down.",
  "native-coin":
    "The chain's own coin is not accepted here. It is kept apart at its value when it was seen; contact the vendor.",
  "wrong-address": "It was sent to the vendor's own wallet. It is kept apart until its owner is found.",
};
