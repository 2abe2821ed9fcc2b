import { DomainError } from "../../errors.ts";

/** No configured chain has this CAIP-2 id or short name. */
export class ChainNotSupported extends DomainError {
  constructor(chain: string) {
    super({
      code: "chain_not_supported",
      status: 400,
      title: "Chain not supported",
      detail: `The chain "${chain.slice(0, 64)}" is not offered here.`,
    });
  }
}

/** The chain does not list this token, or has no way yet to sweep it. */
export class TokenNotSupported extends DomainError {
  constructor(token: string, chain: string) {
    super({
      code: "token_not_supported",
      status: 400,
      title: "Token not supported",
      detail: `The token "${token.slice(0, 64)}" cannot be paid with on ${chain}.`,
    });
  }
}

/** The chain's node did not answer, or not with what the protocol promises. Retry later; the URL is never part of the text. */
export class RpcUnavailable extends DomainError {
  constructor(chain: string, reason: string) {
    super({
      code: "rpc_unavailable",
      status: 503,
      title: "Chain node unavailable",
      detail: `The node of ${chain} gave no usable answer: ${reason}. Nothing was changed; it is asked again.`,
    });
  }
}

/** The node answers for another chain than the configured one: nothing it says is believed. */
export class ChainIdMismatch extends DomainError {
  constructor(chain: string, answered: string) {
    super({
      code: "chain_id_mismatch",
      status: 503,
      title: "Node of another chain",
      detail: `The node configured for ${chain} says it is chain ${answered}. Correct the RPC URL of ${chain}.`,
    });
  }
}

/** The vendor wallet cannot pay for the transaction. Refill it; the waiting work goes on by itself. */
export class GasTankEmpty extends DomainError {
  constructor(input: {
    readonly chain: string;
    readonly wallet: string;
    readonly needed?: bigint;
    readonly balance?: bigint;
  }) {
    const figures =
      input.needed === undefined ? "" : ` It holds ${input.balance} and needs ${input.needed} base units.`;
    super({
      code: "gas_tank_empty",
      status: 503,
      title: "Gas tank empty",
      detail: `The gas tank ${input.wallet} on ${input.chain} cannot pay for the transaction.${figures} Send native coin to it.`,
    });
  }
}

/** Selling for this token would need native coin that the vendor wallet is short of. Another token or a later time works. */
export class GasTankLow extends DomainError {
  constructor(input: { readonly chain: string; readonly token: string }) {
    super({
      code: "gas_tank_low",
      status: 503,
      title: "Payment method paused",
      detail: `${input.token} on ${input.chain} cannot be taken just now. Pay with another token, or try again in a few minutes.`,
      members: { retryAfterSeconds: 300 },
    });
  }
}

/** The token contract would refuse the call: paused, frozen address, or a wrong domain. Nothing was signed or sent. */
export class TransactionWouldFail extends DomainError {
  constructor(chain: string, reason: string) {
    super({
      code: "transaction_would_fail",
      status: 503,
      title: "Transaction would fail",
      detail: `The token contract on ${chain} refuses the transaction: ${reason.replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 200)}.`,
    });
  }
}

/** A nonce of the vendor wallet is missing on the chain although later ones were given: the lane waits for an operator. */
export class NonceGap extends DomainError {
  constructor(input: {
    readonly chain: string;
    readonly wallet: string;
    readonly nonce: number;
    readonly reason: string;
  }) {
    super({
      code: "nonce_gap",
      status: 503,
      title: "Nonce lane blocked",
      detail: `The wallet ${input.wallet} on ${input.chain} is blocked at nonce ${input.nonce}: ${input.reason}.`,
    });
  }
}

/** The worker's signer holds another mnemonic than the one the address came from. */
export class KeyRingNotLoaded extends DomainError {
  constructor(keyRingId: string) {
    super({
      code: "key_ring_not_loaded",
      status: 503,
      title: "Key ring not loaded",
      detail: `The signer does not hold key ring ${keyRingId}. Start a worker with the keystore that address came from.`,
    });
  }
}

/** The signer was asked to move money to an address outside its allow-list. */
export class DestinationRefused extends DomainError {
  constructor(reason: string) {
    super({
      code: "destination_refused",
      status: 403,
      title: "Destination refused",
      detail: `The signer refuses this transaction: ${reason}.`,
    });
  }
}

/** The keystore file or its password is wrong. Never says which part of the key. */
export class KeystoreUnreadable extends DomainError {
  constructor(reason: string) {
    super({ code: "keystore_unreadable", status: 503, title: "Keystore unreadable", detail: reason });
  }
}

/** No address with this id. */
export class DepositAddressNotFound extends DomainError {
  constructor(id: string) {
    super({
      code: "deposit_address_not_found",
      status: 404,
      title: "Deposit address not found",
      detail: `There is no deposit address "${id.slice(0, 64)}".`,
    });
  }
}

/** The address holds no confirmed deposit that still waits for a sweep. */
export class NothingToSweep extends DomainError {
  constructor(depositAddressId: string) {
    super({
      code: "nothing_to_sweep",
      status: 409,
      title: "Nothing to sweep",
      detail: `Deposit address ${depositAddressId} has no confirmed deposit left to sweep.`,
    });
  }
}

/** The address holds fewer tokens than its confirmed deposits: an operator must look before anything is signed. */
export class DepositAddressShort extends DomainError {
  constructor(input: {
    readonly address: string;
    readonly chain: string;
    readonly expected: bigint;
    readonly found: bigint;
  }) {
    super({
      code: "deposit_address_short",
      status: 503,
      title: "Deposit address short",
      detail: `${input.address} on ${input.chain} holds ${input.found} base units where ${input.expected} were confirmed.`,
    });
  }
}

/** A sweep's transaction succeeded without the transfer it was for: the token answered "no" without reverting, or kept a part. */
export class TokensNotMoved extends DomainError {
  constructor(input: { readonly sweepId: string; readonly transactionHash: string }) {
    super({
      code: "tokens_not_moved",
      status: 409,
      title: "Tokens not moved",
      detail: `${input.transactionHash} succeeded, but the tokens of ${input.sweepId} did not arrive in full. Look at it in an explorer; nothing was booked.`,
    });
  }
}

/** No sweep or outgoing transaction with this id, or not in the state the step needs. */
export class SweepNotReady extends DomainError {
  constructor(id: string, reason: string) {
    super({ code: "sweep_not_ready", status: 409, title: "Sweep not ready", detail: `${id}: ${reason}.` });
  }
}

/** Gas costs so much now that a deposit address would need more native coin than it may be given. Waits for gas to fall. */
export class TopUpTooLarge extends DomainError {
  constructor(input: { readonly chain: string; readonly needed: bigint; readonly limit: bigint }) {
    super({
      code: "top_up_too_large",
      status: 503,
      title: "Gas top-up too large",
      detail: `A deposit address on ${input.chain} would need ${input.needed} base units of native coin; ${input.limit} is the most it is given.`,
    });
  }
}

/** The stock of addresses that the worker makes is used up: it is filled again within seconds while a worker runs. */
export class NoDepositAddressAvailable extends DomainError {
  constructor(kind: string) {
    super({
      code: "no_deposit_address_available",
      status: 503,
      title: "No deposit address available",
      detail: `No deposit address on ${kind} is free at this moment. Try again in a few seconds, or pay on another chain.`,
      members: { retryAfterSeconds: 5 },
    });
  }
}

/** The chain does not know the transaction a credited deposit came by: it was wiped, restored, or is another one. Nothing is signed. */
export class DepositForgotten extends DomainError {
  constructor(input: { readonly chain: string; readonly transactionHash: string }) {
    super({
      code: "deposit_forgotten",
      status: 503,
      title: "Deposit forgotten",
      detail: `${input.chain} does not know the transaction ${input.transactionHash} of a credited deposit. Compare the node with another one before anything is sent.`,
    });
  }
}

/** No deposit with this id. */
export class DepositNotFound extends DomainError {
  constructor(id: string) {
    super({
      code: "deposit_not_found",
      status: 404,
      title: "Deposit not found",
      detail: `There is no deposit "${id.slice(0, 64)}".`,
    });
  }
}

/** The deposit cannot be given to this account: it is not in suspense (any more), or has no dollars in the books. Nothing was changed. */
export class DepositNotAssignable extends DomainError {
  constructor(id: string, reason: string) {
    super({
      code: "deposit_not_assignable",
      status: 409,
      title: "Deposit not assignable",
      detail: `Deposit ${id} cannot be assigned: ${reason}.`,
    });
  }
}
