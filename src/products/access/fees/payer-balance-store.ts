import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementMode } from "../merchant.ts";

/** Writes down whose account this is; a row that is there stays. */
export async function insertPayerBalance(
  database: Database,
  input: {
    readonly account: string;
    readonly merchantId: string;
    readonly mode: SettlementMode;
    readonly kind: "evm" | "solana";
    readonly address: string;
  },
): Promise<void> {
  await database.raw(
    `INSERT INTO access_payer_balances (account, merchant_id, settlement_mode, payer_kind, payer)
     VALUES (:account, :merchantId, :mode, :kind, :address) ON CONFLICT DO NOTHING`,
    input,
  );
}
