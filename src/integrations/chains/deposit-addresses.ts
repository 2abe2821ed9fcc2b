import type { AccountName } from "../../ledger/chart-of-accounts.ts";
import type { Database } from "../../platform/database/pool.ts";
import { newId } from "../../platform/ids.ts";
import type { ChainKind } from "./chain.ts";
import {
  type DepositAddress,
  findDepositAddress,
  insertDepositAddress,
  markRetired,
  takeDepositIndex,
} from "./deposit-address-store.ts";
import { DepositAddressNotFound } from "./errors.ts";
import type { KeyRing } from "./key-ring.ts";

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
 * and never wait for each other; a rolled back call leaves a gap. Only public keys are used.
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
  const { database, keyRing } = needs;
  if (keyRing.kind !== input.chainKind)
    throw new Error(`Key ring ${keyRing.id} cannot derive ${input.chainKind} addresses.`);
  const index = await takeDepositIndex(database, keyRing);
  const address = keyRing.deriveAddress(index);
  const id = newId("da");
  const { account, wakeSubject } = input;
  await insertDepositAddress(database, {
    id,
    keyRingId: keyRing.id,
    index,
    kind: keyRing.kind,
    address,
    account,
    wakeSubject,
    ...(input.accepts === undefined ? {} : { accepts: input.accepts }),
  });
  return { depositAddressId: id, address, index, keyRingId: keyRing.id };
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
