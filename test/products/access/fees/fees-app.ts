import { mintApiKey } from "../../../../src/identity/api-keys.ts";
import { drawInvoices } from "../../../../src/products/access/fees/draw-invoices.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, salesIn } from "./fees-world.ts";

type Sold = Omit<Sale, "merchantId">;

/** A merchant with its key, whose sales are written as a settled payment leaves them. */
export type Seller = {
  readonly merchantId: string;
  readonly key: string;
  readonly sell: (sale: Sold) => Promise<{ readonly paymentId: string; readonly sessionId: string }>;
};

/** The API with merchants who sold something. */
export type FeesApp = TestApp & {
  readonly adminToken: string;
  readonly seller: (mode?: "direct" | "custodial") => Promise<Seller>;
  /** A merchant that sold for a dollar in May 2026 and was invoiced for it; answers the invoice's id too. */
  readonly invoiced: () => Promise<Seller & { readonly invoiceId: string }>;
};

/** Starts it, with `settings` as variables on top. */
export async function startFeesApp(settings: Readonly<Record<string, string>> = {}): Promise<FeesApp> {
  const app = await startTestApp(settings);
  const sales = salesIn({ ...app, ledger: app.context.ledger });
  const seller = async (mode: "direct" | "custodial" = "direct"): Promise<Seller> => {
    const merchantId = await sales.merchant({ mode });
    const { key } = await mintApiKey(app.database, { kind: "merchant", subject: merchantId });
    return { merchantId, key, sell: (sale) => sales.sell({ mode, ...sale, merchantId }) };
  };
  const invoiced = async () => {
    const sold = await seller();
    await sold.sell({ units: 1_000_000n, at: new Date("2026-05-10T00:00:00Z") });
    const clock = { now: () => Date.parse("2026-06-02T03:40:00Z") };
    await drawInvoices({ ...app.context, clock });
    const row = await app.owner("access_invoices").where("merchant_id", sold.merchantId).first();
    return { ...sold, invoiceId: String(row.id) };
  };
  return { ...app, adminToken: ADMIN_TOKEN, seller, invoiced };
}
