import type { Knex } from "knex";
import { matchDepositAddresses } from "../../../integrations/chains/addresses/deposit-address-store.ts";
import type { ChainRegistry } from "../../../integrations/chains/registry.ts";
import type { MerchantWallet } from "../merchant.ts";
import { TokenAccountMissing, WalletRefused } from "../merchant-errors.ts";
import type { NamedWallet } from "./name-wallets.ts";

/** What checking a wallet needs: the chains are asked. */
export type WalletCheckNeeds = {
  readonly database: Knex;
  readonly accessChains: ChainRegistry;
  /** The platform's own wallet on a network of the registry; null where there is none. */
  readonly settlementWalletOf: (network: string) => string | null;
};

/**
 * Asks each chain whether a payment to the wallet would arrive and belong to somebody, and answers the wallets in canonical spelling. An
 * address that we gave out for deposits is refused: a payment there would be credited a second time. Throws {@link WalletRefused},
 * {@link TokenAccountMissing}, and `rpc_unavailable` when a chain cannot be asked; nothing is stored by it.
 */
export function checkWallets(
  needs: WalletCheckNeeds,
  named: readonly NamedWallet[],
): Promise<readonly MerchantWallet[]> {
  return Promise.all(named.map((wallet) => checkWallet(needs, wallet)));
}

async function checkWallet(needs: WalletCheckNeeds, { network, address }: NamedWallet): Promise<MerchantWallet> {
  const chain = needs.accessChains.find(network.id);
  if (chain.inspectReceiver === undefined) throw new Error(`Nobody can be paid on ${network.id}.`);
  const found = await chain.inspectReceiver({ address, tokens: network.tokens.map((token) => token.address) });
  const { shortName } = network;
  if (found.kind === "refused") {
    throw new WalletRefused({ network: shortName, reason: found.flaw, detail: found.detail });
  }
  if (found.missing.length > 0) {
    const missing = found.missing.map(({ token, account }) => {
      const symbol = network.tokens.find((each) => each.address === token)?.symbol ?? token;
      return { symbol, mint: token, account };
    });
    throw new TokenAccountMissing({ network: shortName, address, missing });
  }
  if (needs.settlementWalletOf(network.id) === found.address) {
    throw new WalletRefused({
      network: shortName,
      reason: "platform_wallet",
      detail: "it is the platform's own wallet",
    });
  }
  const ours = await matchDepositAddresses(needs.database, { kind: network.kind, candidates: [found.address] });
  if (ours.length > 0) {
    const detail = "it is a deposit address of this server, and what is paid there belongs to somebody's balance";
    throw new WalletRefused({ network: shortName, reason: "deposit_address", detail });
  }
  return { network: network.id, address: found.address };
}
