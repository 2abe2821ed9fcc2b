import { expect, it } from "vitest";
import { explainReason, readReason } from "../../../src/integrations/x402/facilitator-reasons.ts";

it.each([
  ["insufficient_funds", "insufficient_funds", false],
  ["invalid_exact_evm_insufficient_balance", "insufficient_funds", false],
  ["invalid_exact_svm_payload_memo_mismatch", "memo_mismatch", true],
  ["INVALID_EXACT_EVM_PAYLOAD_SIGNATURE", "signature_invalid", true],
  ["invalid_exact_svm_payload_transaction_transfer_to_incorrect_ata", "recipient_mismatch", true],
  ["invalid_exact_svm_transaction_failed", "settlement_failed", false],
  ["asset_not_deployed_contract", "asset_unsupported", false],
  ["never heard of", "payment_refused", false],
  [`${"x".repeat(300)}_memo_mismatch`, "payment_refused", false],
])("reads %s as %s; about the bytes alone: %s", (reason, code, isLasting) => {
  expect(readReason(reason)).toEqual({ code, isLasting });
});

it("explains a code, and repeats a bounded part of what the facilitator said", () => {
  expect(explainReason({ code: "memo_mismatch", message: undefined })).toContain("memo");
  expect(explainReason({ code: "no such code", message: "m".repeat(900) }).length).toBeLessThan(400);
});
