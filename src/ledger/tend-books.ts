import type { Knex } from "knex";
import { formatDollars } from "../money/nanodollars.ts";
import { expireGrants } from "./grants.ts";
import { expireHolds } from "./holds.ts";
import type { Ledger } from "./ledger.ts";
import { sealLedger, verifyLedger } from "./reconcile.ts";
import { ensureUsagePartitions, insertVerification } from "./verification-store.ts";

/** What tending the books needs. */
export type BookNeeds = { readonly database: Knex; readonly ledger: Pick<Ledger, "execute"> };

/** What a tending did, in one sentence for operators; `sound` false means that somebody must look now. */
export type TendedBooks = { readonly sound: boolean; readonly summary: string };

/**
 * The nightly round: frees expired holds, takes back expired grants, makes next year's partitions, recomputes every balance from its transfers, seals what is
 * settled, and keeps the finding. Reads the whole journal; safe to repeat.
 */
export async function tendBooks(needs: BookNeeds): Promise<TendedBooks> {
  const { database } = needs;
  const freed = await expireHolds(needs);
  const expired = await expireGrants(needs);
  await ensureUsagePartitions(database);
  const found = await verifyLedger(database);
  const sealed = found.sound ? await sealLedger(database) : 0;
  const { drifts, brokenEntries, tampered } = found;
  const findings = {
    drifts: drifts.map(({ account, drift }) => ({ account, drift: formatDollars(drift) })),
    brokenEntries,
    tampered,
  };
  await insertVerification(database, { ...found, drift: found.driftTotal, findings: JSON.stringify(findings) });
  const verdict = found.sound ? "sound" : `NOT sound: ${JSON.stringify(findings).slice(0, 1_000)}`;
  return {
    sound: found.sound,
    summary: `${found.transfers} transfers are ${verdict}; ${freed} holds freed, ${expired} grants expired, ${sealed} chunks sealed.`,
  };
}
