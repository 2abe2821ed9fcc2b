import { describe, expect, it } from "vitest";
import {
  readSettleAnswer,
  readSupported,
  readVerifyAnswer,
} from "../../../src/integrations/x402/facilitator-answer.ts";

const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const settle = (status: number, body: unknown) => readSettleAnswer(answer(status, body), ["eip155:8453", "base"]);
const YES = { success: true, transaction: "0xab", network: "eip155:8453" };

describe("an answer to /settle", () => {
  it("is settled when it says so plainly, in the spelling of either version", () => {
    expect(settle(200, YES)).toEqual({ kind: "settled", transaction: "0xab", payer: null, raw: YES });
    expect(settle(200, { ...YES, network: "base" })).toMatchObject({ kind: "settled" });
  });

  it.each([
    ["of another network", 200, { ...YES, network: "eip155:1" }],
    ["without a transaction", 200, { ...YES, transaction: "" }],
    ["with an error's status", 502, YES],
    ["that is a page", 200, "<html>"],
    [
      "that refuses for the signed bytes and yet names a transaction",
      200,
      { ...YES, success: false, errorReason: "amount_mismatch" },
    ],
    ["that refuses for a passing reason", 200, { success: false, errorReason: "insufficient_funds", transaction: "" }],
    ["that another call is at it", 409, { success: false, errorReason: "amount_mismatch", transaction: "" }],
  ])("is unknown when it is one %s", (_name, status, body) => {
    expect(settle(status, body).kind).toBe("unknown");
  });

  it("has moved nothing when the call was turned away at the door, unless it names a transaction", () => {
    expect(readSettleAnswer(answer(429, "slow down", { "retry-after": "7" }), [])).toMatchObject({
      kind: "not_sent",
      retryAfterSeconds: 7,
    });
    expect(settle(401, { transaction: "0xab" })).toMatchObject({ kind: "unknown", transaction: "0xab" });
  });

  it("was not sent when the facilitator may not pay the network's fees, unless it names a transaction", () => {
    const high = { success: false, errorReason: "facilitator_fees_too_high", errorMessage: "wait", transaction: "" };
    expect(settle(200, high)).toMatchObject({ kind: "not_sent", detail: expect.stringContaining("wait"), raw: high });
    expect(settle(200, { ...high, transaction: "0xab" })).toMatchObject({ kind: "unknown", transaction: "0xab" });
    expect([settle(409, high).kind, settle(502, high).kind]).toEqual(["unknown", "unknown"]);
    expect(readVerifyAnswer(answer(200, { isValid: false, invalidReason: high.errorReason })).kind).toBe("unavailable");
  });

  it("is kept in a form that Postgres stores", () => {
    const { raw } = settle(200, '{"success":false,"errorReason":"a\\u0000b\\ud800"}');
    expect(raw).toEqual({ success: false, errorReason: "a\ufffdb\ufffd" });
  });
});

describe("an answer to /verify", () => {
  it("is a yes or a no only when it is a clear one", () => {
    const verify = (status: number, body: unknown) => readVerifyAnswer(answer(status, body)).kind;
    expect(verify(200, { isValid: true })).toBe("valid");
    expect(verify(200, { isValid: false, invalidReason: "insufficient_funds" })).toBe("invalid");
    expect(verify(500, { isValid: true })).toBe("unavailable");
    expect(verify(200, { isValid: false, invalidReason: "unexpected_verify_error" })).toBe("unavailable");
    expect(verify(200, { isValid: "yes" })).toBe("unavailable");
  });

  it("is none of the payment's where the facilitator has run out of money itself", () => {
    const empty = { isValid: false, invalidReason: "facilitator_out_of_funds", invalidMessage: "fund 0xAd" };
    const verdict = readVerifyAnswer(answer(200, empty));
    expect(verdict).toMatchObject({ kind: "unavailable", retryAfterSeconds: 5, raw: empty });
    expect(JSON.stringify(verdict)).toContain("fund 0xAd");
  });

  it("says when to ask again, between a second and five minutes", () => {
    const after = (value: string) => readVerifyAnswer(answer(503, "", { "retry-after": value }));
    expect(["0", "20", "99999", "soon"].map(after)).toMatchObject(
      [1, 20, 300, 5].map((retryAfterSeconds) => ({ kind: "unavailable", retryAfterSeconds })),
    );
  });
});

it("reads the kinds it understands of /supported, and none from an error", () => {
  const kind = { x402Version: 2, scheme: "exact", network: "eip155:8453" };
  const body = { kinds: [kind, { ...kind, x402Version: 9 }, "?"] };
  expect(readSupported(answer(200, body))).toEqual([{ ...kind, extra: {} }]);
  expect(readSupported(answer(500, body))).toBeUndefined();
  expect(readSupported(answer(200, "{"))).toBeUndefined();
});
