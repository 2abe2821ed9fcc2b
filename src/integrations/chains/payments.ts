/** What one owner gained or lost of one token in a transaction. */
export type TokenMovement = { readonly token: string; readonly owner: string; readonly amountUnits: bigint };

/**
 * What a transaction in a block did, as somebody asks who should have been paid by it. Credits and debits are net, by what moved and never by
 * what its instructions say: on EVM the token's own transfer events, on Solana what token accounts held before and after. Empty when it failed.
 */
export type LandedTransaction = {
  readonly transaction: string;
  readonly succeeded: boolean;
  /** Its block: a number on EVM, a slot on Solana. */
  readonly block: number;
  /** When its block says it was made. */
  readonly at: Date;
  readonly credits: readonly TokenMovement[];
  readonly debits: readonly TokenMovement[];
  /** Texts of the memo program that the signers signed. Solana. */
  readonly memos: readonly string[];
  /** SHA-256 of the signed message, in hex. Solana. */
  readonly messageHash: string | null;
  readonly authorizations: readonly UsedAuthorization[];
};

/**
 * An EIP-3009 authorization that a transaction used, and the one transfer it made: its token's next event. Null where that is none of its
 * authorizer's, so nobody can say what it moved. EVM.
 */
export type UsedAuthorization = {
  readonly token: string;
  readonly authorizer: string;
  readonly nonce: string;
  readonly transfer: { readonly to: string; readonly amountUnits: bigint } | null;
};

/**
 * A transfer that its payer signed and whoever has it may put on chain: a Solana transaction in base 64, with signatures still missing, or
 * an EIP-3009 authorization (`validBefore` in seconds of the epoch). `since`: it was not on chain before.
 */
export type SignedTransfer =
  | {
      readonly kind: "solana";
      readonly token: string;
      readonly payer: string;
      readonly transaction: string;
      readonly since: Date;
    }
  | {
      readonly kind: "evm";
      readonly token: string;
      readonly payer: string;
      readonly nonce: string;
      readonly validBefore: bigint;
      readonly since: Date;
    };

/** What became of a signed transfer, as far as the chain says. `canceled`: its payer took it back. `spent`: it is used, and not to be found. */
export type TransferFate =
  | { readonly kind: "landed"; readonly transaction: string }
  | { readonly kind: "canceled"; readonly transaction: string }
  | { readonly kind: "spent" }
  | { readonly kind: "absent" };

/** Reads single payments from a chain, whoever sent them. Every method throws `RpcUnavailable` and `ChainIdMismatch` as `Chain` does. */
export type PaymentReader = {
  /** Undefined while the transaction is in no block (Solana: no confirmed one), or is no id of this chain. */
  readLanded(transaction: string): Promise<LandedTransaction | undefined>;
  /** Looks for the transaction of a signed transfer. Throws `RpcUnavailable` when there is too much to look through to be sure. */
  findTransfer(signed: SignedTransfer): Promise<TransferFate>;
  /**
   * Whether it may yet come onto the chain. False is proven by the chain's own time, `depth` blocks deep: search after it, not before. A
   * chain that stands still proves nothing.
   */
  canStillLand(signed: SignedTransfer, depth: number): Promise<boolean>;
  /** Why a token is not what our data says (decimals, signing domain), or undefined when it is. */
  whyNotToken(token: {
    readonly address: string;
    readonly decimals: number;
    readonly eip712?: { readonly name: string; readonly version: string };
  }): Promise<string | undefined>;
};

/** Sums movements by token and owner into credits and debits; what comes to nothing is left out. Pure. */
export function netMovements(movements: readonly TokenMovement[]): Pick<LandedTransaction, "credits" | "debits"> {
  const net = new Map<string, TokenMovement>();
  for (const { token, owner, amountUnits } of movements) {
    const key = `${token} ${owner}`;
    net.set(key, { token, owner, amountUnits: (net.get(key)?.amountUnits ?? 0n) + amountUnits });
  }
  const all = [...net.values()];
  return {
    credits: all.filter(({ amountUnits }) => amountUnits > 0n),
    debits: all
      .filter(({ amountUnits }) => amountUnits < 0n)
      .map((each) => ({ ...each, amountUnits: -each.amountUnits })),
  };
}
