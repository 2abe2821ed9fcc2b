import { mintApiKey } from "../../../identity/api-keys.ts";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import { newId } from "../../../platform/ids.ts";
import { openMerchantAccount } from "../fees/payer-balances.ts";
import { setMerchantWebhook, type WebhookNeeds } from "../telling/merchant-webhook.ts";
import { checkWebhookUrl } from "../telling/webhook-address.ts";
import { checkWallets, type WalletCheckNeeds } from "./check-wallets.ts";
import { insertMerchant } from "./merchant-store.ts";
import { nameWallets } from "./name-wallets.ts";

/** What registering needs. */
export type RegisterNeeds = WalletCheckNeeds & WebhookNeeds & { readonly x402Networks: readonly X402Network[] };

/** What somebody registers with. The fee and the way of settlement are the operator's and cannot be asked for. */
export type Registration = {
  readonly name: string;
  readonly walletAddress?: string | undefined;
  readonly wallets: Readonly<Record<string, string>>;
  readonly refundsUnused: boolean;
  readonly webhookUrl?: string | undefined;
};

/** A merchant just registered. Both secrets are seen in clear only now. */
export type Registered = {
  readonly merchantId: string;
  readonly apiKey: string;
  readonly webhookSecret: string | null;
};

/**
 * Registers a merchant: its wallets are checked on their chains first, then merchant, key and webhook are stored together or not at all.
 * Throws what {@link nameWallets} and {@link checkWallets} throw, `webhook_url_refused` and `outbound_address_refused`.
 */
export async function registerMerchant(needs: RegisterNeeds, input: Registration): Promise<Registered> {
  const named = nameWallets(needs.x402Networks, input);
  if (input.webhookUrl !== undefined) await checkWebhookUrl(needs, input.webhookUrl);
  const wallets = await checkWallets(needs, named);
  const [first] = wallets;
  if (first === undefined) throw new Error("A merchant without a wallet passed the request's schema.");
  const id = newId("mer");
  return needs.database.transaction(async (transaction) => {
    const walletAddress = walletShown(input, wallets) ?? first.address;
    await insertMerchant(transaction, { ...input, id, wallets, walletAddress });
    await openMerchantAccount(transaction, { merchantId: id });
    const { key } = await mintApiKey(transaction, { ...MERCHANT_KEY, subject: id, isTest: isTestServer(needs) });
    const webhookSecret = await addWebhook({ ...needs, database: transaction }, { id, url: input.webhookUrl });
    return { merchantId: id, apiKey: key, webhookSecret };
  });
}

const MERCHANT_KEY = { kind: "merchant" } as const;

/** Whether keys say `sk_test_`: no configured network has real money. */
export function isTestServer(needs: { readonly x402Networks: readonly X402Network[] }): boolean {
  return needs.x402Networks.every(({ isTest }) => isTest);
}

/** The seed's `walletAddress` in canonical spelling: one of the checked wallets has it but for capital letters. */
export function walletShown(
  input: { readonly walletAddress?: string | undefined },
  wallets: readonly { readonly address: string }[],
): string | undefined {
  const given = input.walletAddress;
  if (given === undefined) return undefined;
  const exact = wallets.find(({ address }) => address === given);
  return (exact ?? wallets.find(({ address }) => address.toLowerCase() === given.toLowerCase()))?.address ?? given;
}

async function addWebhook(
  needs: WebhookNeeds,
  input: { readonly id: string; readonly url?: string | undefined },
): Promise<string | null> {
  if (input.url === undefined) return null;
  return (await setMerchantWebhook(needs, { merchantId: input.id, url: input.url })).secret;
}
