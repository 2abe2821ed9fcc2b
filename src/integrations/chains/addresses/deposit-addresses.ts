import type { AccountName } from "../../../ledger/chart-of-accounts.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import type { ChainKind } from "../chain.ts";
import { startWatch } from "../deposits/account-watch-store.ts";
import { DepositAddressNotFound, NoDepositAddressAvailable } from "../errors.ts";
import type { KeyRing } from "../key-ring.ts";
import { takeStockedAddress } from "./address-stock-store.ts";
import {
  type DepositAddress,
  findDepositAddress,
  insertDepositAddress,
  markRetired,
  takeDepositIndex,
} from "./deposit-address-store.ts";

/** What an allocation answers: the address to show and where its key is found. */
export type AllocatedAddress = {
  readonly depositAddressId: string;
  readonly address: string;
  readonly index: number;
  readonly keyRingId: string;
};

/**
 * Gives out a fresh deposit address for good: what arrives there is credited to `account` and wakes the workflow `wakeSubject`.
 * Give it the caller's transaction, so the address exists exactly when the checkout does. Parallel calls never share an index
 * and never wait for each other; a rolled back call leaves a gap. Only public keys are used. Throws `NoDepositAddressAvailable` for a kind
 * of chain whose addresses only the worker can make, while none is in stock.
 */
export async function allocateDepositAddress(
  needs: { readonly database: Database; readonly keyRing: KeyRing },
  input: {
    readonly chainKind: ChainKind;
    readonly account: AccountName;
    readonly wakeSubject: string;
    /** Symbols of the tokens to credit; other known tokens go to suspense. Absent: every token the chain offers. */
    readonly accepts?: readonly string[];
  },
): Promise<AllocatedAddress> {
  const { database } = needs;
  const { chainKind, account, wakeSubject, accepts } = input;
  const fresh = await takeAddress(needs, chainKind);
  const id = newId("da");
  await insertDepositAddress(database, {
    ...fresh,
    id,
    kind: chainKind,
    account,
    wakeSubject,
    ...(accepts === undefined ? {} : { accepts }),
  });
  if (chainKind === "solana") await startWatch(database, id);
  return { depositAddressId: id, ...fresh };
}

/** Derived here where public keys suffice; else from the stock that the worker's signer keeps filled. */
async function takeAddress(
  { database, keyRing }: { readonly database: Database; readonly keyRing: KeyRing },
  kind: ChainKind,
): Promise<{ readonly keyRingId: string; readonly index: number; readonly address: string }> {
  if (kind === keyRing.kind) {
    const index = await takeDepositIndex(database, keyRing);
    return { keyRingId: keyRing.id, index, address: keyRing.deriveAddress(index) };
  }
  const stocked = await takeStockedAddress(database, kind);
  if (stocked === undefined) throw new NoDepositAddressAvailable(kind);
  return stocked;
}

/** Reads an address. Throws `DepositAddressNotFound`. */
export async function readDepositAddress(database: Database, id: string): Promise<DepositAddress> {
  const found = await findDepositAddress(database, id);
  if (found === undefined) throw new DepositAddressNotFound(id);
  return found;
}

/** Stops offering an address, twice is once. Deposits that still arrive there are seen and credited as before. */
export async function retireDepositAddress(database: Database, id: string): Promise<void> {
  await markRetired(database, id);
}
