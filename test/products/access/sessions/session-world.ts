import type { Knex } from "knex";
import { mintApiKey } from "../../../../src/identity/api-keys.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { openSession } from "../../../../src/products/access/sessions/open-session.ts";
import { readDatabaseTime } from "../../../../src/products/access/sessions/session-store.ts";
import { createTestDatabase } from "../../../support/database.ts";

/** The payer of every session here, unless told otherwise. */
export const PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const EVM = "eip155:31337";
const MASTER_KEY = Buffer.alloc(32, 7);

/** A database with merchants, assets and sessions written as their rooms write them. */
export async function startSessionWorld() {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 12, name: "test" });
  const owner = openDatabase(test.ownerUrl, { maxConnections: 2, name: "test-owner" });
  return {
    ...sessionRows({ database, owner }),
    applicationUrl: test.applicationUrl,
    close: async () => {
      await database.destroy();
      await owner.destroy();
      await test.drop();
    },
  };
}

/** How long a session is and who has it. */
export type SoldSession = {
  readonly assetId?: string;
  readonly units?: number;
  readonly unitSeconds?: number;
  readonly payer?: string;
  readonly network?: string;
  readonly refundsUnused?: boolean;
};

/** Writes rows into any test database; `owner` moves what no application may. */
export function sessionRows({
  database,
  owner,
  masterKey = MASTER_KEY,
}: {
  readonly database: Knex;
  readonly owner: Knex;
  readonly masterKey?: Uint8Array;
}) {
  const sellAsset = async (input: { readonly refundsUnused?: boolean } = {}) => {
    const merchantId = newId("mer");
    const assetId = newId("ast");
    await owner("merchants").insert({
      ...{ id: merchantId, name: "Gaming cafe", wallet_address: PAYER },
      refunds_unused: input.refundsUnused ?? false,
    });
    await owner("assets").insert({
      ...{ id: assetId, merchant_id: merchantId, name: "Rig", type: "gpu", unit: "minute" },
      ...{ unit_seconds: 60, price_nanodollars: "100000000" },
    });
    return { merchantId, assetId };
  };
  const merchantOf = async (assetId: string) => {
    const asset: { merchant_id: string } = await owner("assets").where("id", assetId).first("merchant_id");
    return asset.merchant_id;
  };
  const open = async (input: SoldSession = {}) => {
    const assetId = input.assetId ?? (await sellAsset(input)).assetId;
    const merchantId = await merchantOf(assetId);
    return database.transaction(async (transaction) =>
      openSession(
        transaction,
        { masterKey },
        {
          payment: {
            network: input.network ?? EVM,
            payer: input.payer ?? PAYER,
            gross: nanodollars(100_000_000n * BigInt(input.units ?? 10)),
          },
          quote: {
            ...{ merchantId, assetId, unit: "minute" as const },
            ...{ unitSeconds: input.unitSeconds ?? 60, units: input.units ?? 10 },
          },
          now: await readDatabaseTime(transaction),
        },
      ),
    );
  };
  return {
    database,
    owner,
    sellAsset,
    /** Opens a session as a settled payment does. Fails the test when the asset is taken. */
    sell: async (input: SoldSession = {}) => {
      const opened = await open(input);
      if (opened === "asset_taken") throw new Error("the asset is taken");
      return opened;
    },
    keyOf: async (merchantId: string): Promise<string> =>
      (await mintApiKey(database, { kind: "merchant", subject: merchantId, isTest: true })).key,
    tryToSell: open,
    /** Moves a session so that it ends `seconds` from now; before now where that is negative. */
    endIn: async (sessionId: string, seconds: number) => {
      await owner.raw(
        `UPDATE access_sessions SET started_at = least(started_at, now() + make_interval(secs => :seconds) - interval '1 hour'),
           expires_at = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :sessionId`,
        { sessionId, seconds },
      );
    },
    /** An extension payment that is on its way. */
    payExtension: async (sessionId: string, status: "submitted" | "unknown" = "submitted") => {
      const id = await insertPayment(owner, { sessionId, status, isExtension: true });
      return {
        id,
        fail: () => owner("access_payments").where({ id }).update({ status: "failed", resolved_at: owner.fn.now() }),
      };
    },
    /** The settled payment that bought a session, of all it cost. */
    paySession: (sessionId: string) => insertPayment(owner, { sessionId, status: "settled", isExtension: false }),
    events: (sessionId: string): Promise<{ seq: number; type: string; data: Record<string, unknown> }[]> =>
      owner("access_session_events").where("session_id", sessionId).orderBy("seq"),
    told: async (merchantId: string): Promise<string[]> => {
      const rows: { type: string }[] = await owner("access_events").where("merchant_id", merchantId).orderBy("number");
      return rows.map(({ type }) => type);
    },
    wakes: async (): Promise<string[]> => {
      const rows: { subject: string }[] = await owner("wakes").orderBy("subject");
      return rows.map(({ subject }) => subject);
    },
  };
}

async function insertPayment(
  owner: Knex,
  input: { readonly sessionId: string; readonly status: string; readonly isExtension: boolean },
): Promise<string> {
  const { sessionId, status } = input;
  const id = newId("apy");
  const sold: SoldRow = await owner("access_sessions").where("id", sessionId).first();
  const shared = { merchant_id: sold.merchant_id, asset_id: sold.asset_id, session_id: sessionId };
  const mode = { settlement_mode: "direct" };
  await owner("access_quotes").insert({
    ...{
      ...shared,
      ...mode,
      id: `quo_${id}`,
      secret_hash: Buffer.alloc(32),
      unit: "minute",
      unit_seconds: 60,
      units: 1,
    },
    ...{ price_nanodollars: "100000000", total_nanodollars: "100000000", options: "[]" },
    expires_at: owner.raw("now() + interval '5 minutes'"),
  });
  const gross = BigInt(sold.paid_nanodollars);
  const amount = gross / 1000n;
  const isOver = status === "settled";
  await owner("access_payments").insert({
    ...{ ...shared, ...mode, id, quote_id: `quo_${id}`, is_extension: input.isExtension, dialect: "v2", status },
    ...{ network: sold.payer_network, token: "USDC", pay_to: PAYER, payer: sold.payer, payload_key: id },
    ...{ amount_units: amount.toString(), gross_nanodollars: gross.toString(), fee_basis_points: 200 },
    ...{ fee_units: ((amount * 200n) / 10_000n).toString(), transaction: isOver ? id : null },
    resolved_at: isOver ? owner.fn.now() : null,
  });
  return id;
}

type SoldRow = {
  readonly merchant_id: string;
  readonly asset_id: string;
  readonly payer_network: string;
  readonly payer: string;
  readonly paid_nanodollars: string;
};
