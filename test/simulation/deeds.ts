import type { Life } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";

/** What must have happened somewhere, or the lives prove nothing: each query counts rows of the addresses of one batch. */
const DEEDS: Readonly<Record<string, string>> = {
  sold: "SELECT count(*) FROM purchases p JOIN checkouts c ON c.id = p.checkout_id WHERE c.deposit_address_id = ANY(:ids)",
  ended: `SELECT count(*) FROM purchases p JOIN checkouts c ON c.id = p.checkout_id
    WHERE c.deposit_address_id = ANY(:ids) AND p.status = 'terminated'`,
  swept:
    "SELECT count(*) FROM sweeps WHERE deposit_address_id = ANY(:ids) AND status = 'swept' AND refunds_deposit_id IS NULL",
  sweptTogether:
    "SELECT count(*) FROM sweeps WHERE deposit_address_id = ANY(:ids) AND status = 'swept' AND batch_id IS NOT NULL",
  fuelled: `SELECT count(*) FROM outgoing_transactions o JOIN sweeps s ON s.id = o.sweep_id
    WHERE s.deposit_address_id = ANY(:ids) AND o.key LIKE 'fuel:%' AND o.status = 'mined'`,
  sentBack: `SELECT count(*) FROM refunds r JOIN deposits d ON d.id = r.deposit_id
    WHERE d.deposit_address_id = ANY(:ids) AND r.status = 'paid'`,
  sentBackFromTreasury: `SELECT count(*) FROM refunds r JOIN deposits d ON d.id = r.deposit_id
    WHERE d.deposit_address_id = ANY(:ids) AND r.status = 'paid' AND r.sweep_id IS NULL`,
  reversed: "SELECT count(*) FROM deposits WHERE deposit_address_id = ANY(:ids) AND status = 'reversed'",
};

/** What is worth counting and does not happen in every hundred lives. */
const RARE_DEEDS: Readonly<Record<string, string>> = {
  givenAway: "SELECT count(*) FROM deposits WHERE deposit_address_id = ANY(:ids) AND assigned_from IS NOT NULL",
  coin: "SELECT count(*) FROM deposits WHERE deposit_address_id = ANY(:ids) AND kind = 'native_coin'",
  dearer: `SELECT count(*) FROM transaction_versions v JOIN outgoing_transactions o ON o.id = v.transaction_id
    JOIN sweeps s ON s.id = o.sweep_id WHERE s.deposit_address_id = ANY(:ids) AND v.version > 1`,
  orphaned: "SELECT count(*) FROM deposits WHERE deposit_address_id = ANY(:ids) AND status = 'orphaned'",
  creditedAgain:
    "SELECT count(*) FROM deposits WHERE deposit_address_id = ANY(:ids) AND status = 'confirmed' AND credits > 1",
};

/** Whether some lives without it prove nothing. */
export function isExpected(deed: string): boolean {
  return Object.hasOwn(DEEDS, deed);
}

/** Counts what the lives of a batch came to. */
export async function countDeeds(world: LifeWorld, batch: readonly Life[]): Promise<Readonly<Record<string, number>>> {
  const ids = batch.map(({ checkout }) => checkout.depositAddressId);
  const counted: Record<string, number> = {};
  for (const [deed, query] of Object.entries({ ...DEEDS, ...RARE_DEEDS })) {
    const { rows }: { rows: { count: string }[] } = await world.database.raw(query, { ids });
    counted[deed] = Number(rows[0]?.count ?? 0);
  }
  return counted;
}

/** Adds one count to another. */
export function addDeeds(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [deed, count] of Object.entries(more)) sum[deed] = (sum[deed] ?? 0) + count;
}
