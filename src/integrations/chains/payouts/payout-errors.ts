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
