import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { LOCAL_USDC_MINT } from "../../../../../sandbox/parts/surfnet.ts";
import type { FacilitatorCall, SettleOutcome, WireObject } from "../../../../../src/integrations/x402/facilitator.ts";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import { newId } from "../../../../../src/platform/ids.ts";
import {
  findPayment,
  insertPayment,
  type StoredPayment,
} from "../../../../../src/products/access/payments/payment-store.ts";
import { insertQuote } from "../../../../../src/products/access/payments/quotes/quote-store.ts";
import { sealPayload } from "../../../../../src/products/access/payments/taking/payload-seal.ts";
import { startTestApp } from "../../../../support/app.ts";
import { sessionRows } from "../../sessions/session-world.ts";

export const EVM = "eip155:31337";
export const SOLANA = "solana:local";

/** What a payment is made of; five units at ten cents, in base units of USDC. */
export type Submitted = {
  readonly network: string;
  readonly payTo: string;
  readonly payer: string;
  readonly payloadKey: string;
  /** Null for PAY2. */
  readonly payload: WireObject | null;
  readonly transaction?: string;
  readonly quotedAt?: Date;
  readonly validUntil?: Date;
};

/** A world of payments in doubt. */
export type DoubtWorld = Awaited<ReturnType<typeof startDoubtWorld>>;

export const PRICE_UNITS = 500_000n;

/**
 * An API process whose payments are looked up on real local chains, and a facilitator that says what a test has it say. `settle` sees each
 * call; unless told, it does not answer.
 */
export async function startDoubtWorld(chains: { readonly evm?: EvmPart; readonly solanaRpc?: string }) {
  const facilitator = {
    calls: [] as FacilitatorCall[],
    settle: async (_call: FacilitatorCall): Promise<SettleOutcome> => SILENT,
  };
  const app = await startTestApp(
    {
      ...(chains.evm === undefined ? {} : { RPC_ENDPOINT: chains.evm.rpc, USDC_ADDRESS: chains.evm.usdc }),
      ...(chains.solanaRpc === undefined
        ? {}
        : { SOLANA_RPC: chains.solanaRpc, SOLANA_NETWORK: "local", SOLANA_USDC_MINT: LOCAL_USDC_MINT }),
    },
    (context) => ({
      facilitators: {
        ...context.facilitators,
        named: (name) => ({
          name,
          url: "https://facilitator.example",
          supported: async () => [],
          verify: async () => ({ kind: "unavailable", detail: "", retryAfterSeconds: 1, raw: null }),
          settle: (call) => {
            facilitator.calls.push(call);
            return facilitator.settle(call);
          },
        }),
      },
    }),
  );
  const rows = sessionRows(app);
  return {
    app,
    rows,
    facilitator,
    needs: app.context,
    /** A payment as it stands when its taker is killed between asking the facilitator and writing down what came of it. */
    submit: async (submitted: Submitted): Promise<StoredPayment> => {
      const { merchantId, assetId } = await rows.sellAsset();
      const id = newId("apy");
      const quoteId = newId("qte");
      const total = nanodollars(PRICE_UNITS * 1_000n);
      const sold = { merchantId, assetId, sessionId: null, settlementMode: "direct" } as const;
      await insertQuote(app.database, {
        ...{ ...sold, id: quoteId, secretHash: Buffer.alloc(32), unit: "minute", unitSeconds: 60, units: 5 },
        ...{ price: nanodollars(100_000_000n), total, options: [] },
        createdAt: submitted.quotedAt ?? new Date(Date.now() - 5_000),
        expiresAt: new Date(Date.now() + 300_000),
      });
      const call = { x402Version: 2, paymentPayload: { payload: submitted.payload }, paymentRequirements: {} } as const;
      await insertPayment(app.database, {
        ...{ ...sold, id, quoteId, isExtension: false, dialect: submitted.payload === null ? "pay2" : "v2" },
        ...{ network: submitted.network, token: "USDC", payTo: submitted.payTo, payer: submitted.payer },
        ...{ amountUnits: PRICE_UNITS, leftUnits: 0n, gross: total, feeBasisPoints: 200, feeUnits: 10_000n },
        payloadKey: submitted.payloadKey,
        payloadSealed: submitted.payload === null ? null : sealPayload(app.context, call),
        validUntil: submitted.validUntil ?? null,
        facilitator: submitted.payload === null ? null : "stub",
        transaction: submitted.transaction ?? null,
        keyHash: null,
      });
      return requirePayment(app.database, id);
    },
    payment: (id: string) => requirePayment(app.database, id),
    /** Makes a payment older. */
    age: (id: string, seconds: number) =>
      app.owner.raw("UPDATE access_payments SET created_at = created_at - make_interval(secs => ?) WHERE id = ?", [
        seconds,
        id,
      ]),
    log: async (id: string): Promise<{ event: string; code: string | null }[]> =>
      app.owner("access_payment_log").where("payment_id", id).orderBy("number").select("event", "code"),
    close: () => app.close(),
  };
}

/** A facilitator that cannot be reached. */
export const SILENT: SettleOutcome = {
  kind: "not_sent",
  detail: "connection refused",
  retryAfterSeconds: 1,
  raw: null,
};

async function requirePayment(database: Parameters<typeof findPayment>[0], id: string): Promise<StoredPayment> {
  const payment = await findPayment(database, id);
  if (payment === null) throw new Error("the payment is gone");
  return payment;
}
