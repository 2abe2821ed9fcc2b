import type { Knex } from "knex";
import { revokeApiKeys } from "../../../identity/api-keys.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import type { Merchant, SettlementMode } from "../merchant.ts";
import { MerchantNotFound, SettlementWalletMissing } from "../merchant-errors.ts";
import { findMerchant, lockMerchant, setActive, updateMerchantTerms } from "./merchant-store.ts";

/** What setting terms needs. */
export type TermsNeeds = {
  readonly database: Knex;
  /** The platform's own wallet on a network of the registry; null where there is none. */
  readonly settlementWalletOf: (network: string) => string | null;
};

/** What only the operator decides of a merchant; absent stays as it is. A fee of null leaves it to the tiers by volume. */
export type MerchantTerms = {
  readonly feeBasisPoints?: number | null | undefined;
  readonly settlementMode?: SettlementMode | undefined;
  readonly isActive?: boolean | undefined;
  readonly refundsUnused?: boolean | undefined;
};

/**
 * Sets a merchant's terms once per request id, written down among the operator's actions. They count for the next quote: one that is open
 * keeps its own. Answers the merchant as it is then. Off, the merchant's keys are revoked; on again it needs a new one, because revoked keys stay revoked. Throws
 * {@link MerchantNotFound}, {@link SettlementWalletMissing}, `request_id_reused`.
 */
export async function setMerchantTerms(
  needs: TermsNeeds,
  input: {
    readonly merchantId: string;
    readonly terms: MerchantTerms;
    readonly requestId: string;
    readonly actor: string;
    readonly note: string;
  },
): Promise<Merchant> {
  const { merchantId, terms, requestId, actor, note } = input;
  const given = Object.fromEntries(
    Object.entries(terms).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const call = {
    requestId,
    subject: `merchant/${merchantId}`,
    action: "setMerchantTerms",
    actor,
    note,
    isDryRun: false,
  };
  await repairOnce(needs, { ...call, input: given }, async (transaction) => {
    const merchant = await lockMerchant(transaction, merchantId);
    if (merchant === null) throw new MerchantNotFound();
    if (terms.settlementMode === "custodial") requireSettlementWallet(needs, merchant);
    await writeTerms(transaction, { merchant, terms });
    return {
      text: `Set ${Object.keys(given).join(", ")} of ${merchant.name}.`,
      data: { before: termsOf(merchant) },
      wakes: [],
    };
  });
  const merchant = await findMerchant(needs.database, merchantId);
  if (merchant === null) throw new MerchantNotFound();
  return merchant;
}

function requireSettlementWallet(needs: TermsNeeds, merchant: Merchant): void {
  const isPayable = merchant.wallets.some(({ network }) => needs.settlementWalletOf(network) !== null);
  if (!isPayable) throw new SettlementWalletMissing();
}

async function writeTerms(
  transaction: Knex.Transaction,
  { merchant, terms }: { readonly merchant: Merchant; readonly terms: MerchantTerms },
): Promise<void> {
  const { id } = merchant;
  await updateMerchantTerms(transaction, {
    id,
    feeBasisPoints: terms.feeBasisPoints === undefined ? merchant.feeBasisPoints : terms.feeBasisPoints,
    settlementMode: terms.settlementMode ?? merchant.settlementMode,
    refundsUnused: terms.refundsUnused ?? merchant.refundsUnused,
  });
  if (terms.isActive === undefined) return;
  await setActive(transaction, { merchantId: id, isActive: terms.isActive });
  if (!terms.isActive) await revokeApiKeys(transaction, { kind: "merchant", subject: id });
}

function termsOf({ feeBasisPoints, settlementMode, isActive, refundsUnused }: Merchant) {
  return { feeBasisPoints, settlementMode, isActive, refundsUnused };
}
