import { DomainError } from "../../../errors.ts";

/** The settlement wallet holds fewer tokens than are to be paid out: somebody moved them, or the chain is another one. Nothing was signed. */
export class SettlementWalletShort extends DomainError {
  constructor(wallet: {
    readonly chain: string;
    readonly wallet: string;
    readonly expected: bigint;
    readonly found: bigint;
  }) {
    super({
      code: "settlement_wallet_short",
      status: 409,
      title: "Settlement wallet short",
      detail: `${wallet.wallet} on ${wallet.chain} holds ${wallet.found} base units and ${wallet.expected} are to be paid out.`,
    });
  }
}

/** Something of the payout may still come onto the chain, or has: it cannot be called off. Nothing was changed. */
export class PayoutMayLand extends DomainError {
  constructor(why: { readonly reason: string; readonly detail: string }) {
    super({
      code: "payout_may_land",
      status: 409,
      title: "Payout may land",
      detail: why.detail,
      members: { reason: why.reason },
    });
  }
}
