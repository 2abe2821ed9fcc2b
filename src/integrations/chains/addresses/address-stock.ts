import type { Database } from "../../../platform/database/pool.ts";
import type { KeyRing } from "../key-ring.ts";
import { addToStock, countStock, removeForeignStock, type StockedAddress } from "./address-stock-store.ts";
import { takeDepositIndex } from "./deposit-address-store.ts";

/** Free addresses kept ready, and how few of them are few: filling 250 takes the signer about a tenth of a second. */
const FULL = 500;
const LOW = 250;

/**
 * Fills the stock of free deposit addresses when it is low, with addresses the worker's signer derives. Parallel workers may fill it
 * twice, which only makes it fuller. Returns how many were made.
 */
export async function fillAddressStock(needs: {
  readonly database: Database;
  readonly keyRing: KeyRing;
}): Promise<number> {
  const { database, keyRing } = needs;
  const free = await countStock(database, keyRing.id);
  if (free >= LOW) return 0;
  const { id: keyRingId, kind } = keyRing;
  await removeForeignStock(database, { kind, keyRingId });
  const addresses: StockedAddress[] = [];
  for (let made = free; made < FULL; made += 1) {
    const index = await takeDepositIndex(database, keyRing);
    addresses.push({ keyRingId, index, address: keyRing.deriveAddress(index) });
  }
  await addToStock(database, { kind, addresses });
  return addresses.length;
}
