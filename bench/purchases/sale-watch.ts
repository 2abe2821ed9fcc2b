import { setTimeout as pause } from "node:timers/promises";
import type { SaleWorld } from "./world.ts";

/** What the database knows of a sale; what has not happened yet is null. Times in milliseconds of the epoch. */
export type SaleState = {
  readonly checkoutId: string;
  readonly purchaseId: string;
  readonly depositId: string | null;
  readonly status: string | null;
  readonly confirmedAt: number | null;
  readonly finalizedAt: number | null;
  readonly activeAt: number | null;
  readonly sweptAt: number | null;
};

/** Waits for sales to get somewhere, with one question to the database for all of them. */
export type SaleWatch = {
  /** Resolves once `reached` answers something; fails when two minutes pass without. `what` is for that failure. */
  readonly until: (
    input: { readonly address: string; readonly what: string },
    reached: (sale: SaleState) => unknown,
  ) => Promise<SaleState>;
  readonly close: () => Promise<void>;
};

type Waiter = {
  readonly address: string;
  readonly what: string;
  readonly since: number;
  readonly reached: (sale: SaleState) => unknown;
  readonly resolve: (sale: SaleState) => void;
  readonly reject: (error: Error) => void;
};

const LOOK_MS = 50;
const PATIENCE_MS = 120_000;

/** Starts watching. Looks every 50 ms while somebody waits. */
export function openSaleWatch({ database, worker }: Pick<SaleWorld, "database" | "worker">): SaleWatch {
  const waiters = new Set<Waiter>();
  const ending = new AbortController();
  const look = async () => {
    if (waiters.size === 0) return;
    const addresses = [...waiters].map(({ address }) => address);
    const { rows } = await database.query<SaleState & { address: string }>(STATES, [addresses]);
    const found = new Map(rows.map((row) => [row.address, row]));
    for (const waiter of waiters) settle(waiters, waiter, { sale: found.get(waiter.address), worker });
  };
  const loop = (async () => {
    while (!ending.signal.aborted) {
      await look().catch((error: unknown) => {
        for (const waiter of waiters) waiter.reject(error instanceof Error ? error : new Error(String(error)));
        waiters.clear();
      });
      await pause(LOOK_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    until: ({ address, what }, reached) =>
      new Promise((resolve, reject) => {
        waiters.add({ address, what, reached, resolve, reject, since: performance.now() });
      }),
    close: async () => {
      ending.abort();
      await loop;
    },
  };
}

function settle(
  waiters: Set<Waiter>,
  waiter: Waiter,
  { sale, worker }: { readonly sale: SaleState | undefined } & Pick<SaleWorld, "worker">,
): void {
  const reached = sale === undefined ? null : waiter.reached(sale);
  if (sale !== undefined && reached !== null && reached !== false) {
    waiters.delete(waiter);
    waiter.resolve(sale);
  } else if (performance.now() - waiter.since > PATIENCE_MS) {
    waiters.delete(waiter);
    const state = `${JSON.stringify(sale)}. The worker's last lines:\n${worker.lastLines()}`;
    waiter.reject(new Error(`A purchase was not ${waiter.what} within two minutes: ${state}`));
  }
}

const STATES = `
SELECT c.deposit_address AS address, c.id AS "checkoutId", c.purchase_id AS "purchaseId", d.id AS "depositId", p.status,
  (extract(epoch FROM d.confirmed_at) * 1000)::float8 AS "confirmedAt",
  (extract(epoch FROM c.finalized_at) * 1000)::float8 AS "finalizedAt",
  CASE WHEN p.status = 'active' THEN (extract(epoch FROM p.status_since) * 1000)::float8 END AS "activeAt",
  (extract(epoch FROM s.swept_at) * 1000)::float8 AS "sweptAt"
FROM checkouts c
  LEFT JOIN deposits d ON d.deposit_address_id = c.deposit_address_id
  LEFT JOIN purchases p ON p.id = c.purchase_id
  LEFT JOIN sweeps s ON s.id = d.sweep_id
WHERE c.deposit_address = ANY ($1)`;
