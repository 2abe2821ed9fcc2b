import { expect } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { readTrialBalance, verifyLedger } from "../../src/ledger/reconcile.ts";
import type { Life } from "./life.ts";
import type { LifeWorld } from "./life-world.ts";

const NANO_PER_UNIT = 1_000n;

/** Each query finds what must never be there, whatever happened before. */
const NEVER: Readonly<Record<string, string>> = {
  "3. a balance below its credit line": "SELECT account_id FROM balances WHERE balance < floor",
  "4. a credited deposit without its entry, or an entry of one that is not credited":
    "SELECT id, status FROM deposits WHERE status IN ('observed', 'confirmed', 'orphaned') AND (status = 'confirmed') <> (entry_id IS NOT NULL)",
  "4. one entry for two deposits":
    "SELECT entry_id FROM deposits WHERE entry_id IS NOT NULL GROUP BY entry_id HAVING count(*) > 1",
  "4. two live transactions with one nonce":
    "SELECT nonce FROM outgoing_transactions WHERE nonce IS NOT NULL GROUP BY chain, from_address, nonce HAVING count(*) > 1",
  "7. a crossing told twice":
    "SELECT purchase_id, event_key FROM purchase_events GROUP BY purchase_id, event_key HAVING count(*) > 1",
  "a purchase with a grace deadline outside grace":
    "SELECT id FROM purchases WHERE status IN ('active', 'low', 'critical') AND grace_ends_at IS NOT NULL",
};

/** What must hold after every step, asked of the database alone. */
export async function expectNothingImpossible(world: LifeWorld): Promise<void> {
  for (const [rule, query] of Object.entries(NEVER)) {
    const { rows }: { rows: unknown[] } = await world.database.raw(query);
    expect(rows, rule).toEqual([]);
  }
}

/** Once everything came to rest: the books are whole, and equal to the chain and to what the test itself counted, to the last unit. */
export async function expectBooksEqualChain(world: LifeWorld, lives: readonly Life[]): Promise<void> {
  const verified = await verifyLedger(world.database);
  expect({ sound: verified.sound, drift: verified.driftTotal }, "2. balances are their postings").toEqual({
    sound: true,
    drift: 0n,
  });
  const transfers = await world.readTransfers();
  const { lines, debits, credits } = await readTrialBalance(world.database);
  expect(debits, "1. postings sum to zero").toBe(credits);
  const booked = (account: string): bigint => lines.find((line) => line.account === account)?.balance ?? 0n;
  for (const token of world.network.tokens) {
    const arrived = (address: string): bigint =>
      transfers
        .filter((transfer) => transfer.to === address && transfer.token === token.address)
        .reduce((sum, { units }) => sum + units, 0n);
    const held = await sumHeld(world, {
      token: token.address,
      owners: lives.map(({ checkout }) => checkout.depositAddress),
    });
    expect(
      booked(accounts.depositWallet(world.network.id, token.symbol)),
      `5. ${token.symbol} at deposit addresses`,
    ).toBe(held * NANO_PER_UNIT);
    const treasury = await world.chain.readTokenBalance({ token: token.address, owner: world.signer.treasury });
    expect(booked(accounts.treasury(world.network.id, token.symbol)), `5. ${token.symbol} in the treasury`).toBe(
      treasury * NANO_PER_UNIT,
    );
    for (const life of lives) {
      expect(await counted(world, life, token.address), `${token.symbol} that came to ${tell(life)}`).toBe(
        arrived(life.checkout.depositAddress),
      );
    }
  }
  for (const life of lives) await expectOwed(world, life);
}

/** What the ledger owes a customer is what came less what was charged; only a reversed deposit that was spent already may differ. */
async function expectOwed(world: LifeWorld, life: Life): Promise<void> {
  const { rows }: { rows: { credited: string; reversed: string }[] } = await world.database.raw(
    `SELECT coalesce(sum(amount_units) FILTER (WHERE status = 'confirmed'), 0) AS credited,
       count(*) FILTER (WHERE status = 'reversed') AS reversed FROM deposits WHERE deposit_address_id = ? AND token = ?`,
    [life.checkout.depositAddressId, world.evm.usdc],
  );
  const credited = BigInt(rows[0]?.credited ?? 0) * NANO_PER_UNIT;
  const charged = [...life.charged.values()].reduce((sum, amount) => sum + amount, 0n);
  const balance = (await readBalance(world.database, accounts.purchase(life.checkout.purchaseId))).available;
  if (rows[0]?.reversed === "0") expect(balance, `6. owed to ${tell(life)}`).toBe(credited - charged);
  else expect(balance >= credited - charged, `6. owed to ${tell(life)}`).toBe(true);
}

async function counted(world: LifeWorld, life: Life, token: string): Promise<bigint> {
  const { rows }: { rows: { units: string }[] } = await world.database.raw(
    "SELECT coalesce(sum(amount_units), 0) AS units FROM deposits WHERE deposit_address_id = ? AND token = ? AND status IN ('confirmed', 'suspense')",
    [life.checkout.depositAddressId, token],
  );
  return BigInt(rows[0]?.units ?? 0);
}

async function sumHeld(
  world: LifeWorld,
  input: { readonly token: string; readonly owners: readonly string[] },
): Promise<bigint> {
  const balances = await Promise.all(
    input.owners.map((owner) => world.chain.readTokenBalance({ token: input.token, owner })),
  );
  return balances.reduce((sum, units) => sum + units, 0n);
}

function tell(life: Life): string {
  return `life ${life.seed}: ${life.story.join(" | ")}`;
}
