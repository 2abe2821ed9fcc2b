import { randomBytes } from "node:crypto";
import { type AccountName, accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { accessSold } from "../../../../src/ledger/postings/access.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { openMerchantAccount } from "../../../../src/products/access/fees/payer-balances.ts";
import { feeInNanodollars, splitFee } from "../../../../src/products/access/fees/split.ts";
import { type LedgerWorld, startLedgerWorld } from "../../../ledger/ledger-world.ts";

/** What a sale in a test is; the rest of a payment does not matter here. */
export type Sale = {
  readonly merchantId: string;
  readonly units: bigint;
  readonly at: Date;
  readonly mode?: "direct" | "custodial";
  readonly basisPoints?: number;
  readonly network?: string;
  readonly token?: string;
  readonly payer?: string;
  readonly assetId?: string;
  readonly sessionId?: string;
  readonly dialect?: string;
};

/** A database with books, and merchants whose sales are written as a settled payment leaves them. */
export type FeesWorld = LedgerWorld & Sales;

/** Merchants and their sales in a database. */
export type Sales = {
  readonly merchant: (input?: {
    readonly mode?: "direct" | "custodial";
    readonly feeBasisPoints?: number;
  }) => Promise<string>;
  readonly asset: (merchantId: string) => Promise<string>;
  readonly sell: (sale: Sale) => Promise<{ readonly paymentId: string; readonly sessionId: string }>;
  readonly debitBalance: (account: AccountName) => Promise<bigint>;
};

const HOUR = 3_600_000;
const id = (prefix: string) => `${prefix}_${randomBytes(8).toString("hex")}`;

/** Starts the world of one test file. */
export async function startFeesWorld(): Promise<FeesWorld> {
  const world = await startLedgerWorld();
  return { ...world, ...salesIn(world) };
}

type Books = Pick<LedgerWorld, "database" | "owner" | "ledger">;

/** Makes merchants and sales in a database with its books. */
export function salesIn(world: Books): Sales {
  const assets = new Map<string, string>();
  const asset = async (merchantId: string) => {
    const assetId = id("ast");
    await world.database.raw(
      `INSERT INTO assets (id, merchant_id, name, type, unit, unit_seconds, price_nanodollars)
       VALUES (?, ?, 'A lathe', 'other', 'minute', 60, 100000000)`,
      [assetId, merchantId],
    );
    assets.set(merchantId, assetId);
    return assetId;
  };
  return {
    asset,
    merchant: async ({ mode = "direct", feeBasisPoints } = {}) => {
      const merchantId = id("mer");
      await world.database.raw(
        "INSERT INTO merchants (id, name, wallet_address, settlement_mode, fee_basis_points) VALUES (?, 'M', 'w', ?, ?)",
        [merchantId, mode, feeBasisPoints ?? null],
      );
      await openMerchantAccount(world.database, { merchantId });
      return merchantId;
    },
    sell: async (sale) => {
      const assetId = sale.assetId ?? assets.get(sale.merchantId) ?? (await asset(sale.merchantId));
      return sell(world, { ...sale, assetId });
    },
    debitBalance: async (account) => {
      const { rows } = await world.owner.raw(
        `SELECT coalesce(sum(CASE WHEN d.name = :account THEN j.amount ELSE -j.amount END), 0)::text AS sum FROM journal j
         JOIN ledger_accounts d ON d.id = j.debit_account JOIN ledger_accounts c ON c.id = j.credit_account
         WHERE :account IN (d.name, c.name)`,
        { account },
      );
      return BigInt(rows[0].sum);
    },
  };
}

async function sell(world: Books, sale: Sale & { readonly assetId: string }) {
  const { merchantId, assetId, at, mode = "direct", basisPoints = 200, payer = "Payer1111" } = sale;
  const { network = "solana:local", token = "USDC", units, dialect = "v2" } = sale;
  const [quoteId, paymentId, sessionId] = [id("quo"), id("pay"), sale.sessionId ?? id("ses")];
  const gross = nanodollars(units * 1_000n);
  const { feeUnits } = splitFee(units, basisPoints);
  await world.database.transaction(async (transaction) => {
    if (sale.sessionId === undefined) {
      await transaction.raw(
        `INSERT INTO access_sessions (id, token_hash, token_sealed, merchant_id, asset_id, payer_network, payer, unit, unit_seconds,
           units, paid_nanodollars, started_at, expires_at, status, ended_at)
         VALUES (?, ?, 'x', ?, ?, ?, ?, 'minute', 60, 1, ?, ?, ?, 'expired', ?)`,
        [
          sessionId,
          randomBytes(32),
          merchantId,
          assetId,
          network,
          payer,
          `${gross}`,
          at,
          new Date(at.getTime() + HOUR),
          new Date(at.getTime() + HOUR),
        ],
      );
    }
    await transaction.raw(
      `INSERT INTO access_quotes (id, secret_hash, merchant_id, asset_id, unit, unit_seconds, units, price_nanodollars,
         total_nanodollars, settlement_mode, options, expires_at)
       VALUES (?, ?, ?, ?, 'minute', 60, 1, ?, ?, ?, '[]', ?)`,
      [quoteId, randomBytes(32), merchantId, assetId, `${gross}`, `${gross}`, mode, at],
    );
    await transaction.raw(
      `INSERT INTO access_payments (id, quote_id, merchant_id, asset_id, is_extension, dialect, status, settlement_mode, network,
         token, pay_to, payer, amount_units, gross_nanodollars, fee_basis_points, fee_units, payload_key)
       VALUES (?, ?, ?, ?, false, ?, 'submitted', ?, ?, ?, 'w', ?, ?, ?, ?, ?, ?)`,
      [
        paymentId,
        quoteId,
        merchantId,
        assetId,
        dialect,
        mode,
        network,
        token,
        payer,
        `${units}`,
        `${gross}`,
        basisPoints,
        `${feeUnits}`,
        paymentId,
      ],
    );
    await transaction.raw(
      "UPDATE access_payments SET status = 'settled', resolved_at = ?, transaction = ?, session_id = ? WHERE id = ?",
      [at, id("tx"), sessionId, paymentId],
    );
    const fee = feeInNanodollars({ amountUnits: units, feeUnits, gross });
    const draft = accessSold({ paymentId, merchantId, mode, network, token, gross, fee });
    if (draft !== null) await world.ledger.postIn(transaction, draft);
  });
  return { paymentId, sessionId };
}

/** The fees a merchant owes us for direct sales. */
export const feesOwed = (merchantId: string) => accounts.receivable(merchantId);
