import { DomainError } from "../../errors.ts";

/** No merchant has this id. */
export class MerchantNotFound extends DomainError {
  constructor() {
    super({ code: "merchant_not_found", status: 404, title: "Merchant not found", detail: "No merchant has this id." });
  }
}

/** The merchant was deactivated while its request was on the way: its keys are revoked and it sells nothing. */
export class MerchantInactive extends DomainError {
  constructor() {
    super({
      code: "merchant_inactive",
      status: 409,
      title: "Merchant inactive",
      detail: "This merchant is deactivated. Nothing was changed. The operator can activate it again.",
    });
  }
}

/** The key was replaced, and only works till its overlap ends: it may not replace its successor. */
export class MerchantKeyReplaced extends DomainError {
  constructor() {
    super({
      code: "merchant_key_replaced",
      status: 403,
      title: "Key replaced",
      detail: "A newer key of this merchant exists, and only that one can be regenerated. Ask with the newest key.",
    });
  }
}

/** The address cannot be paid at on this network. `reason` says what is wrong with it. */
export class WalletRefused extends DomainError {
  constructor(input: { readonly network: string; readonly reason: string; readonly detail: string }) {
    super({
      code: "wallet_refused",
      status: 400,
      title: "Wallet refused",
      detail: `The wallet for ${input.network} cannot be paid at: ${input.detail}.`,
      members: { network: input.network, reason: input.reason },
    });
  }
}

/** On Solana tokens are held in accounts of their own, and a payment does not create the receiver's. */
export class TokenAccountMissing extends DomainError {
  constructor(input: {
    readonly network: string;
    readonly address: string;
    readonly missing: readonly { readonly symbol: string; readonly mint: string; readonly account: string }[];
  }) {
    const accounts = input.missing.map(({ symbol, account }) => `${account} for ${symbol}`).join(", ");
    super({
      code: "token_account_missing",
      status: 422,
      title: "Token account missing",
      detail: `${input.address} has no token account on ${input.network}, so payments to it would fail. Create ${accounts} (receiving the token once does), then register again.`,
      members: { network: input.network, missing: input.missing.map((each) => ({ ...each })) },
    });
  }
}

/** The wallets name a network that is not offered, one network twice, or none at all. */
export class NetworkNotOffered extends DomainError {
  constructor(detail: string, offered: readonly string[]) {
    super({
      code: "network_not_offered",
      status: 400,
      title: "Network not offered",
      detail: `${detail} Offered are: ${offered.join(", ") || "none"}.`,
      members: { offered: [...offered] },
    });
  }
}

/** A merchant keeps at least one wallet: without any, nothing of it could be paid. */
export class LastWallet extends DomainError {
  constructor() {
    super({
      code: "last_wallet",
      status: 409,
      title: "Last wallet",
      detail: "This would remove the merchant's last wallet. Deactivate the merchant instead, or name another wallet.",
    });
  }
}

/** No settlement wallet of the platform is configured on any network the merchant has a wallet on, so nothing could be paid there. */
export class SettlementWalletMissing extends DomainError {
  constructor() {
    super({
      code: "settlement_wallet_missing",
      status: 409,
      title: "Settlement wallet missing",
      detail:
        "This server has no settlement wallet on a network the merchant is paid on, so custodial settlement is not possible for it.",
    });
  }
}
