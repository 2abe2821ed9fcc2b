import type { Knex } from "knex";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import type { Clock } from "../../../platform/clock.ts";
import { feeBasisPointsFor } from "../fees/fee-rate.ts";
import type { PlatformFee } from "../fees/platform-fee.ts";
import { MerchantNotFound } from "../merchant-errors.ts";
import { findMerchant } from "./merchant-store.ts";
import { showMerchant } from "./merchant-view.ts";

/** What showing a merchant to itself needs. */
export type MerchantViewNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly platformFee: PlatformFee;
  readonly x402Networks: readonly X402Network[];
};

/** A merchant as it sees itself, with the fee it pays now. Throws {@link MerchantNotFound}. */
export async function readMerchant(needs: MerchantViewNeeds, input: { readonly merchantId: string }) {
  const { merchantId } = input;
  const merchant = await findMerchant(needs.database, merchantId);
  if (merchant === null) throw new MerchantNotFound();
  const now = new Date(needs.clock.now());
  const platformFeeBasisPoints = await feeBasisPointsFor(needs, { merchantId, now });
  return { ...showMerchant(needs.x402Networks, merchant), platformFeeBasisPoints };
}
