import { openDeliverySlots } from "../src/integrations/notifications/delivery-slots.ts";
import type { MerchantDeliveryNeeds } from "../src/products/access/telling/deliver-to-merchant.ts";
import { deliverToMerchant } from "../src/products/access/telling/deliver-to-merchant.ts";

/** Fewer than the platform's own notices have, and apart from them: a merchant's server is whatever somebody registered. */
const MERCHANT_SLOTS = { perDestination: 4, total: 16 };

/** What telling merchants needs; which private addresses it may call is said for merchants alone. */
export type TellingActivityNeeds = Omit<MerchantDeliveryNeeds, "slots" | "allowPrivateHosts" | "resolve"> & {
  readonly merchantWebhooks: Pick<MerchantDeliveryNeeds, "allowPrivateHosts" | "resolve">;
};

/** Tells merchants what happened to their payments and sessions; each attempt leaves a line in the delivery log. */
export function tellingActivities(given: TellingActivityNeeds) {
  const { database, clock, masterKey, merchantWebhooks } = given;
  const needs = { database, clock, masterKey, ...merchantWebhooks, slots: openDeliverySlots(MERCHANT_SLOTS) };
  return {
    deliverMerchantNotice: (input: { readonly eventId: string }): Promise<string> => deliverToMerchant(needs, input),
  };
}
