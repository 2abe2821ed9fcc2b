import type { Knex } from "knex";
import { listApiKeys } from "../../../identity/api-key-store.ts";
import { type MintedApiKey, revokeApiKeys, rotateApiKey } from "../../../identity/api-keys.ts";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import { MerchantInactive, MerchantKeyReplaced, MerchantNotFound } from "../merchant-errors.ts";
import { countActiveSessions, lockMerchant, setActive } from "./merchant-store.ts";
import { isTestServer } from "./register-merchant.ts";

/** What changing a merchant's keys needs. */
export type MerchantKeyNeeds = { readonly database: Knex; readonly x402Networks: readonly X402Network[] };

/**
 * Gives a merchant a new key; every older one ends after `overlapSeconds`. Only the newest key may ask, so that who found an old one cannot
 * lock the merchant out; of several that ask at once with one key the first wins. Throws {@link MerchantInactive},
 * {@link MerchantKeyReplaced}.
 */
export function regenerateKey(
  needs: MerchantKeyNeeds,
  input: { readonly merchantId: string; readonly keyId: string; readonly overlapSeconds: number },
): Promise<MintedApiKey> {
  const { merchantId, keyId, overlapSeconds } = input;
  return needs.database.transaction(async (transaction) => {
    const merchant = await lockMerchant(transaction, merchantId);
    if (merchant?.isActive !== true) throw new MerchantInactive();
    const keys = await listApiKeys(transaction, { kind: "merchant", subject: merchantId });
    if (keys.find(({ id }) => id === keyId)?.replacedBy !== null) throw new MerchantKeyReplaced();
    return rotate(transaction, needs, { merchantId, overlapSeconds });
  });
}

/**
 * Gives a merchant that lost its key a new one, in the operator's transaction. Throws {@link MerchantNotFound}, {@link MerchantInactive}.
 */
export async function reissueKey(
  transaction: Knex.Transaction,
  needs: MerchantKeyNeeds,
  input: { readonly merchantId: string; readonly overlapSeconds: number },
): Promise<MintedApiKey> {
  const merchant = await lockMerchant(transaction, input.merchantId);
  if (merchant === null) throw new MerchantNotFound();
  if (!merchant.isActive) throw new MerchantInactive();
  return rotate(transaction, needs, input);
}

/**
 * Ends a merchant's selling at once: its keys are revoked in every process and its assets can no longer be bought. Sessions that were paid
 * for go on until their end; how many is told. Doing it again changes nothing.
 */
export function deactivateMerchant(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string },
): Promise<{ readonly runningSessions: number }> {
  const { merchantId } = input;
  return needs.database.transaction(async (transaction) => {
    await lockMerchant(transaction, merchantId);
    await setActive(transaction, { merchantId, isActive: false });
    await revokeApiKeys(transaction, { kind: "merchant", subject: merchantId });
    return { runningSessions: await countActiveSessions(transaction, merchantId) };
  });
}

function rotate(
  transaction: Knex.Transaction,
  needs: MerchantKeyNeeds,
  input: { readonly merchantId: string; readonly overlapSeconds: number },
): Promise<MintedApiKey> {
  const { merchantId: subject, overlapSeconds } = input;
  return rotateApiKey(transaction, { kind: "merchant", subject, overlapSeconds, isTest: isTestServer(needs) });
}
