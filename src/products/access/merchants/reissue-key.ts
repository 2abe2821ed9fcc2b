import type { MintedApiKey } from "../../../identity/api-keys.ts";
import { recordOperatorAction } from "../../../platform/operator-action-store.ts";
import { type MerchantKeyNeeds, reissueKey } from "./merchant-keys.ts";

/**
 * An operator gives a merchant that lost its key a new one, and it is written down who did it and why, in one transaction; the key itself is
 * in neither. Throws `merchant_not_found`, `merchant_inactive`.
 */
export function reissueMerchantKey(
  needs: MerchantKeyNeeds,
  input: {
    readonly merchantId: string;
    readonly overlapSeconds: number;
    readonly actor: string;
    readonly note: string;
  },
): Promise<MintedApiKey> {
  const { merchantId, overlapSeconds, actor, note } = input;
  return needs.database.transaction(async (transaction) => {
    const minted = await reissueKey(transaction, needs, { merchantId, overlapSeconds });
    await recordOperatorAction(transaction, {
      ...{ requestId: `merchant-key:${minted.id}`, subject: `merchant/${merchantId}`, action: "reissueMerchantKey" },
      ...{ actor, note, input: { overlapSeconds } },
      outcome: { text: "A new key is made.", data: { keyId: minted.id, hint: minted.hint } },
    });
    return minted;
  });
}
