import type { Knex } from "knex";
import { mintApiKey } from "../../../../src/identity/api-keys.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { logPayment } from "../../../../src/products/access/payments/payment-log-store.ts";
import {
  announceToMerchant,
  type MerchantAnnouncement,
} from "../../../../src/products/access/telling/announce-to-merchant.ts";
import type { TestApp } from "../../../support/app.ts";

/** A merchant as a row: for tests of what merchants are told, which do not care how one registers. */
export async function addMerchant(database: Knex, id: string = newId("mer")): Promise<string> {
  await database("merchants").insert({
    id,
    name: "A merchant",
    wallet_address: "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
  });
  return id;
}

/** A merchant with a key of its own. */
export async function addMerchantWithKey(
  database: Knex,
): Promise<{ readonly merchantId: string; readonly key: string }> {
  const merchantId = await addMerchant(database);
  const { key } = await mintApiKey(database, { kind: "merchant", subject: merchantId, isTest: true });
  return { merchantId, key };
}

/** Tells a merchant something, in a transaction of its own; answers the event's id. */
export async function tell(database: Knex, news: Partial<MerchantAnnouncement> & { readonly merchantId: string }) {
  const whole: MerchantAnnouncement = { type: "payment.settled", key: newId("key"), data: { amount: "0.1" }, ...news };
  const id = await database.transaction((transaction) => announceToMerchant(transaction, whole));
  if (id === null) throw new Error("told already");
  return id;
}

/** How many wakes of a subject there are: none or one. */
export async function wakeCount(database: Knex, subject: string): Promise<number> {
  return (await database("wakes").where("subject", subject)).length;
}

let made = 0;

/** An asset of a merchant with a quote of its own and a payment against it, as rows; `change` is of the payment's columns. */
export async function addPayment(database: Knex, merchantId: string, change: Readonly<Record<string, unknown>> = {}) {
  // A millisecond later each: ids of one millisecond have no order.
  made += 1;
  const [assetId, quoteId, id] = [newId("ast"), newId("quo"), newId("pay", Date.now() + made)];
  const asset = { unit: "minute", unit_seconds: 60, price_nanodollars: "100000000" };
  await database("assets").insert({ id: assetId, merchant_id: merchantId, name: "An asset", type: "gpu", ...asset });
  await database("access_quotes").insert({
    ...{ id: quoteId, secret_hash: Buffer.alloc(32, 1), merchant_id: merchantId, asset_id: assetId },
    ...{ ...asset, units: 1, total_nanodollars: "100000000", settlement_mode: "direct", options: "[]" },
    expires_at: new Date(),
  });
  await database("access_payments").insert({
    ...{ id, quote_id: quoteId, merchant_id: merchantId, asset_id: assetId, is_extension: false, dialect: "v2" },
    ...{ status: "failed", resolved_at: new Date(), settlement_mode: "direct", network: "solana-local", token: "USDC" },
    ...{ pay_to: "to", payer: "from", amount_units: 100_000, gross_nanodollars: "100000000", fee_basis_points: 200 },
    ...{ fee_units: 2_000, payload_key: newId("plk"), ...change },
  });
  return { id, quoteId, assetId };
}

/** A merchant with a key, payments as rows, and lines of the log with a facilitator's answer in them. */
export async function openPaidShop(app: TestApp) {
  const { merchantId, key } = await addMerchantWithKey(app.database);
  return {
    ...{ merchantId, key },
    pay: (change: Readonly<Record<string, unknown>> = {}) => addPayment(app.database, merchantId, change),
    read: async (path: string) => (await app.call(`/api/v1/merchant/${path}`, { key })).body,
    log: (payment: { readonly id: string; readonly quoteId: string; readonly assetId: string }, event: string) =>
      logPayment(app.database, {
        ...{ paymentId: payment.id, quoteId: payment.quoteId, assetId: payment.assetId, merchantId, event },
        ...{ success: false, code: "insufficient_funds", raw: { said: "the facilitator's own words" } },
      }),
  };
}
