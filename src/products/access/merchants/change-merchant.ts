import type { X402Network } from "../../../integrations/x402/networks.ts";
import type { Merchant } from "../merchant.ts";
import { LastWallet, MerchantInactive } from "../merchant-errors.ts";
import { checkWallets, type WalletCheckNeeds } from "./check-wallets.ts";
import { findMerchant, lockMerchant, removeWallets, setWallets, updateMerchant } from "./merchant-store.ts";
import { findNetwork, nameWallets } from "./name-wallets.ts";
import { walletShown } from "./register-merchant.ts";

/** What a merchant may change about itself; absent stays as it is. A wallet of null ends being paid on that network. */
export type MerchantChange = {
  readonly name?: string | undefined;
  readonly refundsUnused?: boolean | undefined;
  readonly walletAddress?: string | undefined;
  readonly wallets: Readonly<Record<string, string | null>>;
};

/**
 * Changes a merchant. New wallets are checked as at registration; quotes that are open keep the wallet they named, because that is what
 * their payer signs for. Throws what {@link nameWallets} and {@link checkWallets} throw, {@link LastWallet}, {@link MerchantInactive}.
 */
export async function changeMerchant(
  needs: WalletCheckNeeds & { readonly x402Networks: readonly X402Network[] },
  input: { readonly merchantId: string; readonly change: MerchantChange },
): Promise<Merchant> {
  const { merchantId, change } = input;
  const { given, ended } = splitWallets(needs.x402Networks, change);
  const wallets = await checkWallets(needs, given);
  return needs.database.transaction(async (transaction) => {
    const merchant = await lockMerchant(transaction, merchantId);
    if (merchant?.isActive !== true) throw new MerchantInactive();
    const kept = merchant.wallets.filter(({ network }) => !ended.includes(network));
    if (wallets.length === 0 && kept.length === 0) throw new LastWallet();
    await updateMerchant(transaction, {
      id: merchantId,
      name: change.name ?? merchant.name,
      refundsUnused: change.refundsUnused ?? merchant.refundsUnused,
      walletAddress: walletShown(change, wallets) ?? merchant.walletAddress,
    });
    await removeWallets(transaction, { merchantId, networks: ended });
    await setWallets(transaction, { merchantId, wallets });
    const changed = await findMerchant(transaction, merchantId);
    if (changed === null) throw new Error("A merchant vanished while it was changed.");
    return changed;
  });
}

/** The wallets to check, and the networks that end: one that is named null is left out of what `walletAddress` stands for. */
function splitWallets(networks: readonly X402Network[], change: MerchantChange) {
  const entries = Object.entries(change.wallets);
  const set = entries.flatMap(([name, address]) => (address === null ? [] : [[name, address] as const]));
  const ended = entries.flatMap(([name, address]) => (address === null ? [findNetwork(networks, name).id] : []));
  const named = nameWallets(networks, { walletAddress: change.walletAddress, wallets: Object.fromEntries(set) });
  return { given: named.filter(({ network }) => !ended.includes(network.id)), ended };
}
