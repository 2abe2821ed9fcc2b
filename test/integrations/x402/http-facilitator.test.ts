import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FacilitatorCall } from "../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../src/integrations/x402/http-facilitator.ts";
import { type PayaiFault, startTestPayai, type TestPayai } from "../../support/payai.ts";

const HASH = `0x${"ab".repeat(32)}`;
const LONG = "x".repeat(80_000);
const CALL: FacilitatorCall = {
  x402Version: 2,
  paymentPayload: { x402Version: 2, accepted: {}, payload: {} },
  paymentRequirements: { scheme: "exact", network: "eip155:8453" },
};

let payai: TestPayai;
beforeAll(async () => {
  payai = await startTestPayai();
});
afterAll(() => payai.stop());

const open = (settings: { readonly url?: string; readonly settleMs?: number; readonly verifyMs?: number } = {}) =>
  openHttpFacilitator(
    {},
    {
      name: "payai",
      url: settings.url ?? `${payai.url}/`,
      timeouts: { settle: settings.settleMs ?? 5_000, verify: settings.verifyMs ?? 5_000 },
    },
  );

/** What settling comes to when the facilitator answers so. */
async function settleWith(status: number, body: unknown, headers?: Readonly<Record<string, string>>) {
  answerWith("/settle", { status, body, ...(headers === undefined ? {} : { headers }) });
  return open().settle(CALL);
}

function answerWith(
  path: "/verify" | "/settle" | "/supported",
  answer: { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
) {
  const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  payai.fail(path, { kind: "answer", ...answer, body });
}

describe("settle", () => {
  it("is settled only by a plain yes that names its transaction, on the network that was asked", async () => {
    const yes = { success: true, transaction: HASH, network: "eip155:8453", payer: "0xpayer" };
    expect(await settleWith(200, yes)).toEqual({ kind: "settled", transaction: HASH, payer: "0xpayer", raw: yes });
    expect(await settleWith(200, { ...yes, network: undefined })).toMatchObject({ kind: "settled" });
    expect(await settleWith(200, { ...yes, network: "eip155:84532" })).toMatchObject({
      kind: "unknown",
      transaction: HASH,
    });
    expect(await settleWith(500, yes)).toMatchObject({ kind: "unknown", transaction: HASH });
    expect(await settleWith(200, { ...yes, transaction: "" })).toMatchObject({ kind: "unknown", transaction: null });
    expect(await settleWith(200, { ...yes, transaction: "x".repeat(300) })).toMatchObject({ kind: "unknown" });
  });

  it.each([
    ["invalid_exact_svm_payload_amount_mismatch", "amount_mismatch"],
    ["invalid_exact_svm_payload_transaction_amount_mismatch", "amount_mismatch"],
    ["invalid_exact_evm_payload_authorization_value_mismatch", "amount_mismatch"],
    ["invalid_exact_svm_payload_recipient_mismatch", "recipient_mismatch"],
    ["invalid_exact_evm_payload_recipient_mismatch", "recipient_mismatch"],
    ["invalid_exact_svm_payload_memo_count", "memo_mismatch"],
    ["invalid_exact_svm_payload_mint_mismatch", "asset_mismatch"],
    ["invalid_exact_evm_payload_signature", "signature_invalid"],
    ["invalid_exact_svm_payload_transaction_instructions_compute_price_instruction_too_high", "fee_limit_exceeded"],
    ["fee_payer_not_managed_by_facilitator", "fee_payer_mismatch"],
    ["invalid_exact_evm_network_mismatch", "network_mismatch"],
    ["unsupported_scheme", "scheme_unsupported"],
    ["invalid_exact_svm_payload_unknown_fourth_instruction", "payload_invalid"],
  ])("believes %s, which speaks of the signed bytes: %s", async (errorReason, code) => {
    const answer = { success: false, errorReason, transaction: "", network: "eip155:8453" };
    expect(await settleWith(200, answer)).toMatchObject({ kind: "failed", code, reason: errorReason, raw: answer });
  });

  it.each([
    "unexpected_settle_error",
    "transaction_failed",
    "invalid_exact_evm_transaction_failed",
    "settlement_pending",
    "duplicate_settlement",
    "invalid_exact_evm_nonce_already_used",
    "invalid_exact_svm_transaction_simulation_failed",
    "invalid_exact_evm_insufficient_balance",
    "insufficient_funds",
    "invalid_exact_evm_payload_authorization_valid_before",
    "something_nobody_ever_said",
    "",
  ])("X07: does not believe %j, which is also said of a payment that has landed", async (errorReason) => {
    const answer = { success: false, errorReason, transaction: HASH, network: "eip155:8453" };
    expect(await settleWith(200, answer)).toMatchObject({ kind: "unknown", transaction: HASH });
    expect(await settleWith(200, { ...answer, transaction: "" })).toMatchObject({ kind: "unknown", transaction: null });
    expect(await settleWith(409, answer)).toMatchObject({ kind: "unknown" });
  });

  it("X07: never believes that nothing moved when a transaction is named beside it", async () => {
    const answer = { success: false, errorReason: "amount_mismatch", transaction: HASH };
    expect(await settleWith(200, answer)).toMatchObject({ kind: "unknown", transaction: HASH });
  });

  it.each([
    ["200 with HTML", 200, "<!doctype html><html></html>"],
    ["200 with nothing", 200, ""],
    ["200 with a list", 200, "[]"],
    ["200 with the wrong shape", 200, '{"success":"yes"}'],
    ["a member twice", 200, '{"success":false,"success":true,"transaction":"x"}'],
    ["deep nesting", 200, `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["500", 500, "Internal Server Error"],
    ["502 with HTML", 502, "<html>"],
    ["503", 503, ""],
    ["409 with nothing", 409, ""],
    ["400 with nothing", 400, ""],
    ["a redirect", 302, ""],
    ["more than is read", 200, `{"success":true,"transaction":"${"x".repeat(80_000)}"}`],
  ])("X07: %s leaves the outcome unknown", async (_name, status, body) => {
    expect(await settleWith(status, body, { location: "http://127.0.0.1:9/" })).toMatchObject({ kind: "unknown" });
  });

  it.each([
    [401, { error: "invalid API key" }],
    [402, { error: "out of credits" }],
    [403, ""],
    [404, ""],
    [429, "slow down"],
  ])("is certain that nothing was sent after HTTP %i", async (status, body) => {
    expect(await settleWith(status, body, { "retry-after": "7" })).toMatchObject({
      kind: "not_sent",
      retryAfterSeconds: 7,
    });
  });

  it.each<{ name: string; fault: PayaiFault }>([
    { name: "silence", fault: { kind: "answer", status: 200, body: "" } },
    { name: "a connection that is cut", fault: { kind: "cut" } },
  ])("X07: $name leaves the outcome unknown", async ({ fault }) => {
    payai.fail("/settle", fault);
    expect(await open().settle(CALL)).toMatchObject({ kind: "unknown", transaction: null });
  });

  it.each<PayaiFault>([{ kind: "drip" }, { kind: "headers_only" }])(
    "X07: an answer that begins and never ends ($kind) leaves the outcome unknown, when our time is over",
    async (fault) => {
      payai.fail("/settle", fault);
      const outcome = await open({ settleMs: 300 }).settle(CALL);
      expect(outcome).toMatchObject({ kind: "unknown", transaction: null });
      expect(outcome).toMatchObject({ detail: expect.stringContaining("took too long") });
    },
  );

  it("X07: a facilitator that is slower than we wait leaves the outcome unknown", async () => {
    const slow = await startTestPayai(payai.url);
    slow.fail("/settle", { kind: "silence" });
    answerWith("/settle", { status: 200, body: {} });
    expect(await open({ url: slow.url, settleMs: 300 }).settle(CALL)).toMatchObject({ kind: "unknown" });
    await slow.stop();
  });

  it("X07: is certain that nothing was sent where nobody listens or the name does not exist", async () => {
    const closed = await startTestPayai();
    await closed.stop();
    expect(await open({ url: closed.url }).settle(CALL)).toMatchObject({ kind: "not_sent" });
    const nameless = openHttpFacilitator(
      {
        resolve: async () => {
          throw Object.assign(new Error("none"), { code: "ENOTFOUND", syscall: "getaddrinfo" });
        },
      },
      { name: "x", url: "https://nowhere.example" },
    );
    expect(await nameless.settle(CALL)).toMatchObject({ kind: "not_sent" });
  });

  it("keeps the raw answer in a form that Postgres can store", async () => {
    const outcome = await settleWith(200, '{"success":false,"errorReason":"a\\u0000b\\ud800c"}');
    expect(outcome.raw).toEqual({ success: false, errorReason: "a\ufffdb\ufffdc" });
    expect((await settleWith(500, "x\u0000y")).raw).toEqual({ status: 500, text: "x\ufffdy" });
  });
});

describe("verify", () => {
  it("is asked once more where the connection was cut, as a kept one may be; settling is not", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (asked.length % 2 === 1) request.socket.destroy();
      else response.end(JSON.stringify({ isValid: true, payer: "p" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const client = open({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` });
    expect(await client.verify(CALL)).toMatchObject({ kind: "valid", payer: "p" });
    expect(await client.settle(CALL)).toMatchObject({ kind: "unknown" });
    expect(asked).toEqual(["/verify", "/verify", "/settle"]);
    server.closeAllConnections();
    server.close();
  });

  it("says valid, invalid with our code and the facilitator's word, or that nobody knows", async () => {
    answerWith("/verify", { status: 200, body: { isValid: true, payer: "p" } });
    expect(await open().verify(CALL)).toMatchObject({ kind: "valid", payer: "p" });
    answerWith("/verify", {
      status: 400,
      body: { isValid: false, invalidReason: "invalid_exact_evm_insufficient_balance", invalidMessage: "3 < 5" },
    });
    expect(await open().verify(CALL)).toMatchObject({
      kind: "invalid",
      code: "insufficient_funds",
      reason: "invalid_exact_evm_insufficient_balance",
      detail: expect.stringContaining("3 < 5"),
    });
    for (const [status, body] of [
      [200, "<html>"],
      [500, { isValid: true }],
      [429, ""],
      [200, { isValid: false, invalidReason: "unexpected_verify_error" }],
    ] as const) {
      answerWith("/verify", { status, body });
      expect(await open().verify(CALL)).toMatchObject({ kind: "unavailable" });
    }
  });
});

describe("verify, of a facilitator in trouble", () => {
  it.each<[string, PayaiFault]>([
    ["that drips its answer", { kind: "drip" }],
    ["that answers headers and no body", { kind: "headers_only" }],
    ["that answers more than is read", { kind: "answer", status: 200, body: `{"isValid":true,"payer":"${LONG}"}` }],
    ["that answers 200 with HTML", { kind: "answer", status: 200, body: "<!doctype html><html></html>" }],
    ["that redirects", { kind: "answer", status: 307, body: "", headers: { location: "/elsewhere" } }],
    ["that cuts the connection", { kind: "cut" }],
  ])("X07: %s has not said yes, and nobody else is asked", async (_name, fault) => {
    payai.fail("/verify", fault);
    expect(await open({ verifyMs: 300 }).verify(CALL)).toMatchObject({ kind: "unavailable" });
    expect(payai.calls.map(({ path }) => path)).not.toContain("/elsewhere");
  });
});

describe("supported", () => {
  it("takes the kinds it understands and leaves the others out", async () => {
    const known = { x402Version: 2, scheme: "exact", network: "eip155:8453" };
    const kinds = [
      known,
      { x402Version: 3, scheme: "new", network: "x" },
      "odd",
      { ...known, extra: { feePayer: "f" } },
    ];
    answerWith("/supported", { status: 200, body: { kinds, extensions: [] } });
    expect(await open().supported()).toEqual([
      { ...known, extra: {} },
      { ...known, extra: { feePayer: "f" } },
    ]);
  });

  it.each([
    ["HTML", 200, "<html>"],
    ["an error", 503, '{"kinds":[]}'],
    ["another shape", 200, '{"kinds":{}}'],
  ])("throws facilitator_unusable for %s", async (_name, status, body) => {
    answerWith("/supported", { status, body });
    await expect(open().supported()).rejects.toMatchObject({ code: "facilitator_unusable", status: 503 });
  });
});
