import { describe, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import type { LogRecord, PaymentRecord } from "../../../../src/products/access/telling/payment-record-store.ts";
import { showLogLine, showPayment, showWholeLogLine } from "../../../../src/products/access/telling/show-payment.ts";

const PAYMENT: PaymentRecord = {
  ...{ id: "apy_1", quoteId: "qte_1", assetId: "ast_1", isExtension: false, sessionId: null, dialect: "v2" },
  ...{ status: "unknown", network: "solana:local", token: "USDC", payTo: "to", payer: "from", amountUnits: 99_999n },
  ...{ gross: nanodollars(99_999_000n), feeUnits: 1_999n, facilitator: null, transaction: null, failureCode: null },
  ...{ failureDetail: null, receipt: null, createdAt: new Date(0), resolvedAt: null },
};

const LINE: LogRecord = {
  ...{ number: "7", paymentId: null, quoteId: null, merchantId: "mer_1", assetId: "ast_1", sessionId: null },
  ...{ event: "verify_refused", success: false, network: null, token: null, transaction: null, payer: null },
  ...{ amountUnits: null, code: null, detail: null, facilitator: "own", facilitatorResponse: { secret: "words" } },
  occurredAt: new Date(0),
};

describe("showPayment", () => {
  it("gives gross as fee and net exactly, in dollars and in base units", () => {
    expect(showPayment(PAYMENT)).toMatchObject({
      ...{ amount: "0.099999", fee: "0.001999", net: "0.098", amountUnits: "99999", feeUnits: "1999" },
      ...{ netUnits: "98000", createdAt: "1970-01-01T00:00:00.000Z", resolvedAt: null },
    });
  });
});

describe("showLogLine", () => {
  it("leaves out what only operators read", () => {
    expect(showLogLine(LINE)).not.toHaveProperty("facilitatorResponse");
    expect(showWholeLogLine(LINE)).toMatchObject({ facilitatorResponse: { secret: "words" }, number: "7" });
  });
});
