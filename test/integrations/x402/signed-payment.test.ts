import { createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";
import { PaymentRequiredSchema } from "@x402/core/schemas";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/client";
import { decodePaymentResponseHeader, wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { toFacilitatorSvmSigner } from "@x402/svm";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { ExactSvmSchemeV1 } from "@x402/svm/exact/v1/client";
import { ExactSvmSchemeV1 as FacilitatorV1 } from "@x402/svm/exact/v1/facilitator";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setLamports, setTokens } from "../../../sandbox/parts/surfnet.ts";
import type { X402Network } from "../../../src/integrations/x402/networks.ts";
import type { QuoteOption, SignedPayment } from "../../../src/integrations/x402/payment.ts";
import { readPresentedPayment } from "../../../src/integrations/x402/payment-header.ts";
import { isOfferOf, readQuoteSecret } from "../../../src/integrations/x402/requirements.ts";
import { checkSignedPayment, readSignedPayment } from "../../../src/integrations/x402/signed-payment.ts";
import { decodeWireObject } from "../../../src/integrations/x402/wire-object.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../support/solana.ts";
import recorded from "./fixtures/x402-fetch-1.2.0.json" with { type: "json" };
import {
  BASE_SEPOLIA,
  EVM_MERCHANT,
  NAMELESS,
  optionFor,
  QUOTE_ID,
  QUOTE_SECRET,
  SOLANA,
  SOLANA_MERCHANT,
} from "./offers.ts";
import { startPaywall } from "./paywall.ts";

const evmBuyer = privateKeyToAccount(`0x${"42".repeat(32)}`);
const NOW = new Date();

/** What a presented payment says, by the network it names. */
function readPaid(headers: Record<string, string | string[] | undefined>, networks: readonly X402Network[]) {
  const presented = readPresentedPayment(headers);
  if (presented === null || presented.dialect === "pay2") throw new Error("No signed payment was presented.");
  const name = presented.dialect === "v2" ? presented.accepted.network : presented.network;
  const network = networks.find(({ caip2, v1Name }) => name === caip2 || name === v1Name);
  if (network === undefined) throw new Error("The payment names none of these networks.");
  const x402Version = presented.dialect === "v2" ? 2 : 1;
  return { presented, signed: readSignedPayment({ network, x402Version, payload: presented.payload }) };
}

describe.skipIf(solanaMissing)("clients of @x402 on Solana", () => {
  let solana: TestSolana;
  let buyer: Awaited<ReturnType<typeof createKeyPairSignerFromPrivateKeyBytes>>;

  beforeAll(async () => {
    solana = await startTestSolana({ slotTimeMs: 400 });
    buyer = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(7));
    await setTokens(solana.rpc, { owner: buyer.address, units: 10n ** 9n });
  });
  afterAll(() => solana.stop());

  it("@x402/fetch pays our 402, and its payment is what was offered", async () => {
    const option = optionFor(SOLANA);
    const paywall = await startPaywall([option]);
    const client = new ExactSvmScheme(buyer, { rpcUrl: solana.rpc });
    const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "solana:*", client }] });
    const answer = await pay(paywall.url, { method: "POST" });
    await paywall.stop();
    expect(answer.status).toBe(200);
    expect(decodePaymentResponseHeader(answer.headers.get("PAYMENT-RESPONSE") ?? "")).toMatchObject({ success: true });
    const { presented, signed } = readPaid(paywall.paid[0] ?? {}, [SOLANA]);
    expect(signed).toMatchObject({ payer: buyer.address, memo: QUOTE_ID, amountUnits: 100_000n, signature: "proven" });
    expect(checkSignedPayment(signed, option, NOW)).toBeNull();
    const accepted = presented.dialect === "v2" ? presented.accepted : {};
    expect(isOfferOf(accepted, option)).toBe(true);
    expect(readQuoteSecret(accepted)).toBe(QUOTE_SECRET);
  });

  it("the v1 client takes the v1 entry and honours its memo", async () => {
    const option = optionFor(SOLANA);
    const signed = await payV1(new ExactSvmSchemeV1(buyer, { rpcUrl: solana.rpc }), option, SOLANA);
    expect(signed.memo).toBe(QUOTE_ID);
    expect(checkSignedPayment(signed, option, NOW)).toBeNull();
  });

  it("the v1 facilitator demands the memo of the offer, and no other", async () => {
    const sponsor = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(6));
    const payTo = SOLANA_MERCHANT;
    await setTokens(solana.rpc, { owner: payTo, units: 0n });
    await setLamports(solana.rpc, { owner: sponsor.address, lamports: 10n ** 10n });
    const option = optionFor(SOLANA, { feePayer: sponsor.address, payTo });
    const client = new ExactSvmSchemeV1(buyer, { rpcUrl: solana.rpc });
    const entry: Parameters<typeof client.createPaymentPayload>[1] = parsed(option.requirementsV1);
    const payment: Parameters<FacilitatorV1["verify"]>[0] = parsed(await client.createPaymentPayload(1, entry));
    const facilitator = new FacilitatorV1(toFacilitatorSvmSigner(sponsor, { defaultRpcUrl: solana.rpc }));
    expect(await facilitator.verify(payment, entry)).toMatchObject({ isValid: true });
    const other = { ...entry, extra: { ...entry.extra, memo: "quo_another" } };
    expect(await facilitator.verify(payment, other)).toMatchObject({
      isValid: false,
      invalidReason: "invalid_exact_svm_payload_memo_mismatch",
    });
  });

  it("a payment for one offer is not taken for another", async () => {
    const client = new ExactSvmSchemeV1(buyer, { rpcUrl: solana.rpc });
    const signed = await payV1(client, optionFor(SOLANA), SOLANA);
    const codes = [
      optionFor(SOLANA, { payTo: buyer.address }),
      optionFor(SOLANA, { amountUnits: 100_001n }),
      optionFor(SOLANA, { feePayer: buyer.address }),
      { ...optionFor(SOLANA), asset: buyer.address },
      { ...optionFor(SOLANA), network: "solana:mainnet" },
      withExtra(optionFor(SOLANA), { memo: "quo_another" }),
    ].map((option) => checkSignedPayment(signed, option, NOW)?.code);
    expect(codes).toEqual([
      "payment_recipient_mismatch",
      "payment_amount_mismatch",
      "payment_fee_payer_mismatch",
      "payment_asset_mismatch",
      "payment_network_mismatch",
      "payment_memo_mismatch",
    ]);
  });
});

describe("clients of @x402 on EVM", () => {
  it("@x402/fetch pays our 402, and its payment is what was offered", async () => {
    const option = optionFor(BASE_SEPOLIA);
    const paywall = await startPaywall([optionFor(SOLANA), option]);
    const client = new ExactEvmScheme(evmBuyer);
    const pay = wrapFetchWithPaymentFromConfig(fetch, { schemes: [{ network: "eip155:*", client }] });
    const answer = await pay(paywall.url, { method: "POST" });
    await paywall.stop();
    expect(answer.status).toBe(200);
    const { presented, signed } = readPaid(paywall.paid[0] ?? {}, [SOLANA, BASE_SEPOLIA]);
    expect(signed).toMatchObject({ payer: evmBuyer.address, payTo: EVM_MERCHANT, signature: "unchecked" });
    expect(String(paywall.paid[0]?.["payment-signature"]).length).toBeLessThan(8_000);
    expect(signed.validUntil?.getTime()).toBeLessThanOrEqual(Date.now() + 121_000);
    expect(checkSignedPayment(signed, option, new Date())).toBeNull();
    const accepted = presented.dialect === "v2" ? presented.accepted : {};
    expect(isOfferOf(accepted, option)).toBe(true);
    expect(readQuoteSecret(accepted)).toBe(QUOTE_SECRET);
  });

  it("the v1 client takes the v1 entry", async () => {
    const option = optionFor(BASE_SEPOLIA);
    const signed = await payV1(new ExactEvmSchemeV1(evmBuyer), option, BASE_SEPOLIA);
    expect(checkSignedPayment(signed, option, new Date())).toBeNull();
  });

  it("a payment for one offer is not taken for another", async () => {
    const signed = await payV1(new ExactEvmSchemeV1(evmBuyer), optionFor(BASE_SEPOLIA), BASE_SEPOLIA);
    const codes = [
      optionFor(BASE_SEPOLIA, { payTo: evmBuyer.address }),
      optionFor(BASE_SEPOLIA, { amountUnits: 99_999n }),
      { ...optionFor(BASE_SEPOLIA), asset: EVM_MERCHANT },
      optionFor(NAMELESS),
    ].map((option) => checkSignedPayment(signed, option, NOW)?.code);
    expect(codes).toEqual([
      "payment_recipient_mismatch",
      "payment_amount_mismatch",
      "payment_asset_mismatch",
      "payment_network_mismatch",
    ]);
  });
});

describe("x402-fetch 1.2.0, recorded", () => {
  const AT = new Date(recorded.evm.sentAt);

  it("pays our body on Solana, without a memo, which v1 allows", () => {
    const { signed } = readPaid({ "x-payment": recorded.solana.xPayment }, [SOLANA]);
    expect(signed).toMatchObject({ memo: null, signature: "proven", x402Version: 1 });
    expect(checkSignedPayment(signed, optionFor(SOLANA), AT)).toBeNull();
  });

  it("pays our body on EVM, also when Solana is offered beside it", () => {
    for (const { xPayment } of [recorded.evm, recorded.bothAsEvm]) {
      const { signed } = readPaid({ "x-payment": xPayment }, [SOLANA, BASE_SEPOLIA]);
      expect(checkSignedPayment(signed, optionFor(BASE_SEPOLIA), AT)).toBeNull();
    }
  });

  it("is refused a day later, as what it signed is over", () => {
    const { signed } = readPaid({ "x-payment": recorded.evm.xPayment }, [BASE_SEPOLIA]);
    const later = new Date(AT.getTime() + 86_400_000);
    expect(checkSignedPayment(signed, optionFor(BASE_SEPOLIA), later)?.code).toBe("payment_expired");
  });

  it("asks pages' preflight for Access-Control-Expose-Headers", () => {
    expect(recorded.evm.requestHeaders).toContain("access-control-expose-headers");
  });
});

describe("checkSignedPayment", () => {
  const signed: SignedPayment = readPaid({ "x-payment": recorded.evm.xPayment }, [BASE_SEPOLIA]).signed;
  const AT = new Date(recorded.evm.sentAt);
  const check = (over: Partial<SignedPayment>) =>
    checkSignedPayment({ ...signed, ...over }, optionFor(BASE_SEPOLIA), AT)?.code;

  it("takes addresses in any case", () => {
    expect(check({ payTo: EVM_MERCHANT.toLowerCase(), asset: signed.asset.toLowerCase() })).toBeUndefined();
  });

  it("refuses a wrong signature and leaves a smart wallet's to the facilitator", () => {
    expect(check({ signature: "wrong" })).toBe("payment_signature_invalid");
    expect(check({ signature: "unchecked" })).toBeUndefined();
  });

  it("refuses what could not land, could not yet, or could land for ever", () => {
    const at = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
    expect(check({ validUntil: at(5) })).toBe("payment_expired");
    expect(check({ validUntil: at(7) })).toBeUndefined();
    expect(check({ validFrom: at(1) })).toBe("payment_not_yet_valid");
    expect(check({ validUntil: at(720) })).toBeUndefined();
    expect(check({ validUntil: at(721) })).toBe("payment_valid_too_long");
  });

  it("demands the memo of v2 clients", () => {
    const { signed: solana } = readPaid({ "x-payment": recorded.solana.xPayment }, [SOLANA]);
    const asV2 = checkSignedPayment({ ...solana, x402Version: 2 }, optionFor(SOLANA), AT);
    expect(asV2?.code).toBe("payment_memo_mismatch");
  });
});

/** What a v1 client makes of the entry in our body, as it would find it there. */
async function payV1(
  client: Pick<ExactEvmSchemeV1, "createPaymentPayload">,
  option: QuoteOption,
  network: X402Network,
): Promise<SignedPayment> {
  const paywall = await startPaywall([optionFor(NAMELESS), option]);
  const body = await (await fetch(paywall.url, { method: "POST" })).json();
  await paywall.stop();
  const required = PaymentRequiredSchema.parse(body);
  if (required.x402Version !== 1) throw new Error("The body is not of version 1.");
  expect(required.accepts).toHaveLength(1);
  const entry: Parameters<typeof client.createPaymentPayload>[1] = parsed(required.accepts[0]);
  const payment = await client.createPaymentPayload(1, entry);
  const header = Buffer.from(JSON.stringify(payment), "utf8").toString("base64");
  expect(decodeWireObject("X-PAYMENT", header)).toMatchObject({ network: network.v1Name });
  return readPaid({ "x-payment": header }, [network]).signed;
}

function withExtra(option: QuoteOption, extra: Record<string, string>): QuoteOption {
  const before: object = parsed(option.requirements.extra ?? {});
  return { ...option, requirements: { ...option.requirements, extra: { ...before, ...extra } } };
}

/** A value as it is after it travelled, for the packages' own types of it. */
function parsed(value: unknown) {
  return JSON.parse(JSON.stringify(value));
}
