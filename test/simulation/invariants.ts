import { expect } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { readTrialBalance, verifyLedger } from "../../src/ledger/reconcile.ts";
import { type ChainTransfer, readTransfers, sumTransfers } from "./chain-truth.ts";
import { type Life, tell } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";

const NANO_PER_UNIT = 1_000n;

/** Each query finds what must never be there, whatever happened before. */
const NEVER: Readonly<Record<string, string>> = {
  "3. a balance below its credit line": "SELECT account_id FROM balances WHERE balance < floor",
  "4. a credited deposit without its entry, or an entry of one that is not credited":
    "SELECT id, status FROM deposits WHERE kind = 'token' AND status IN ('observed', 'confirmed', 'orphaned') AND (status = 'confirmed') <> (entry_id IS NOT NULL)",
  "4. one entry for two deposits":
    "SELECT entry_id FROM deposits WHERE entry_id IS NOT NULL GROUP BY entry_id HAVING count(*) > 1",
  "4. two live transactions with one nonce":
    "SELECT nonce FROM outgoing_transactions WHERE nonce IS NOT NULL GROUP BY chain, from_address, nonce HAVING count(*) > 1",
  "7. a crossing told twice":
    "SELECT purchase_id, event_key FROM purchase_events GROUP BY purchase_id, event_key HAVING count(*) > 1",
  "7. an event of a crossing that never was": `SELECT e.id FROM purchase_events e WHERE e.event_key LIKE 'crossing:%' AND NOT EXISTS (
       SELECT FROM threshold_crossings c JOIN accounts a ON a.id = c.account_id
       WHERE a.name = 'purchase/' || e.purchase_id AND e.event_key = 'crossing:' || c.name || ':' || c.epoch)`,
  "more promised back of a deposit than came": `SELECT d.id FROM deposits d WHERE d.refunded_units > d.amount_units OR d.refunded_units <>
       (SELECT coalesce(sum(r.amount_units), 0) FROM refunds r WHERE r.deposit_id = d.id AND r.status <> 'refused')`,
  "one repair written down twice": "SELECT request_id FROM operator_actions GROUP BY request_id HAVING count(*) > 1",
  "a purchase with a grace deadline outside grace":
    "SELECT id FROM purchases WHERE status IN ('active', 'low', 'critical') AND grace_ends_at IS NOT NULL",
};

/** What must hold after every step, asked of the database alone. */
export async function expectNothingImpossible(world: LifeWorld, lives: readonly Life[]): Promise<void> {
  for (const [rule, query] of Object.entries(NEVER)) {
    const { rows }: { rows: unknown[] } = await world.database.raw(query);
    expect(rows, `${rule}\n${rows.length === 0 ? "" : lives.map(tell).join("\n")}`).toEqual([]);
  }
}

/** Once everything came to rest: the books are whole, and equal to the chain and to what the test itself counted, to the last unit. */
export async function expectBooksEqualChain(world: LifeWorld, lives: readonly Life[]): Promise<void> {
  const verified = await verifyLedger(world.database);
  expect({ sound: verified.sound, drift: verified.driftTotal }, "2. balances are their postings").toEqual({
    sound: true,
    drift: 0n,
  });
  const transfers = await readTransfers(world);
  const { lines, debits, credits } = await readTrialBalance(world.database);
  expect(debits, "1. postings sum to zero").toBe(credits);
  const booked = (account: string): bigint => lines.find((line) => line.account === account)?.balance ?? 0n;
  for (const life of lives) {
    await expectMovedOnce(world, life, transfers);
    await expectOwed(world, life);
  }
  for (const { address: token, symbol } of world.network.tokens) {
    const here = transfers.filter((transfer) => transfer.token === token);
    const addresses = new Set(lives.map(({ checkout }) => checkout.depositAddress));
    const held =
      sumTransfers(here, ({ to }) => addresses.has(to)) - sumTransfers(here, ({ from }) => addresses.has(from));
    const atAddresses = booked(accounts.depositWallet(world.network.id, symbol));
    expect(atAddresses, `5. ${symbol} at deposit addresses`).toBe(held * NANO_PER_UNIT);
    const treasury = await world.chain.readTokenBalance({ token, owner: world.signer.treasury });
    const inTreasury = booked(accounts.treasury(world.network.id, symbol));
    expect(inTreasury, `5. ${symbol} in the treasury`).toBe(treasury * NANO_PER_UNIT);
  }
}

type Moved = { readonly came: string; readonly swept: string; readonly sent: string; readonly fromVendor: string };

/** What reached an address counts once, and what left it or goes back for it left once: as many transfers on the chain as rows that say so. */
async function expectMovedOnce(world: LifeWorld, life: Life, transfers: readonly ChainTransfer[]): Promise<void> {
  const { depositAddressId: id, depositAddress: address } = life.checkout;
  for (const token of [world.evm.usdc, world.evm.usdt]) {
    const { rows }: { rows: Moved[] } = await world.database.raw(
      `SELECT (SELECT coalesce(sum(amount_units), 0) FROM deposits WHERE deposit_address_id = :id AND token = :token
           AND kind = 'token' AND status IN ('confirmed', 'suspense', 'refunded')) AS came,
         (SELECT string_agg(amount_units::text, ',' ORDER BY amount_units) FROM sweeps WHERE deposit_address_id = :id AND token = :token
           AND status = 'swept' AND destination = :treasury AND refunds_deposit_id IS NULL) AS swept,
         (SELECT string_agg(amount_units::text, ',' ORDER BY amount_units) FROM sweeps WHERE deposit_address_id = :id AND token = :token
           AND status = 'swept' AND refunds_deposit_id IS NOT NULL) AS sent`,
      { id, token, treasury: world.signer.treasury },
    );
    const here = transfers.filter((transfer) => transfer.token === token);
    const left = here.filter(({ from }) => from === address);
    const isHome = ({ to }: ChainTransfer) => to === world.signer.treasury;
    expect(BigInt(rows[0]?.came ?? 0), `what came to ${tell(life)}`).toBe(
      sumTransfers(here, ({ to }) => to === address),
    );
    expect(listUnits(left.filter(isHome)), `swept of ${tell(life)}`).toBe(rows[0]?.swept ?? "");
    expect(listUnits(left.filter((one) => !isHome(one))), `sent back of ${tell(life)}`).toBe(rows[0]?.sent ?? "");
  }
}

function listUnits(transfers: readonly ChainTransfer[]): string {
  return transfers
    .map((transfer) => transfer.units)
    .sort((one, other) => Number(one - other))
    .join(",");
}

/** What the ledger owes a customer is what came for them less what was charged and sent back; only after a reversal it may be more. */
async function expectOwed(world: LifeWorld, life: Life): Promise<void> {
  const account = accounts.purchase(life.checkout.purchaseId);
  const { rows }: { rows: { credited: string; reversed: string; refunded: string }[] } = await world.database.raw(
    `SELECT coalesce(sum(amount_units) FILTER (WHERE status = 'confirmed'), 0) AS credited,
       count(*) FILTER (WHERE status = 'reversed') AS reversed,
       (SELECT coalesce(sum(amount), 0) FROM refunds WHERE account = :account AND status <> 'refused') AS refunded
     FROM deposits WHERE account = :account`,
    { account },
  );
  const [row] = rows;
  const charged = [...life.charged.values()].reduce((sum, amount) => sum + amount, 0n);
  const owed = BigInt(row?.credited ?? 0) * NANO_PER_UNIT - charged - BigInt(row?.refunded ?? 0);
  const balance: bigint = (await readBalance(world.database, account)).available;
  if (row?.reversed === "0") expect(balance, `6. owed to ${tell(life)}`).toBe(owed);
  else expect(balance >= owed, `6. owed to ${tell(life)}: ${balance} and not ${owed}`).toBe(true);
}
