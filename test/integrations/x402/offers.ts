import type { Facilitator, FacilitatorChoice } from "../../../src/integrations/x402/facilitator.ts";
import type { X402Network } from "../../../src/integrations/x402/networks.ts";
import type { QuoteOption } from "../../../src/integrations/x402/payment.ts";
import type { PaymentRequiredInput } from "../../../src/integrations/x402/payment-required.ts";
import { paymentRequirements } from "../../../src/integrations/x402/requirements.ts";

/** USDC on the networks of these tests, at its real addresses, so that clients' default rules apply. */
export const SOLANA: X402Network = {
  id: "solana:local",
  caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
  v1Name: "solana-devnet",
  kind: "solana",
  shortName: "SOL-LOCAL",
  isTest: true,
  tokens: [{ symbol: "USDC", address: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU", decimals: 6 }],
};

/** Base's test network. */
export const BASE_SEPOLIA: X402Network = {
  id: "eip155:84532",
  caip2: "eip155:84532",
  v1Name: "base-sepolia",
  kind: "evm",
  shortName: "BASE-SEPOLIA",
  isTest: true,
  tokens: [
    {
      symbol: "USDC",
      address: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
      decimals: 6,
      eip712: { name: "USDC", version: "2" },
    },
  ],
};

/** A network protocol version 1 has no name for. */
export const NAMELESS: X402Network = { ...BASE_SEPOLIA, id: "eip155:31337", caip2: "eip155:31337", v1Name: null };

/** Terms every offer of these tests has. */
export const RESOURCE_URL = "https://tollkeeper.example/api/v1/access/ast_gpu1";
export const QUOTE_ID = "quo_0123456789abcdef";
export const QUOTE_SECRET = "qs_0123456789abcdefghijklmnopqrstuv";
export const EVM_MERCHANT = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";
export const SOLANA_MERCHANT = "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM";
export const FEE_PAYER = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV";

const facilitator: Facilitator = {
  name: "payai",
  url: "https://facilitator.payai.network",
  supported: async () => [],
  verify: async () => ({ kind: "unavailable", detail: "not asked here", retryAfterSeconds: 1, raw: null }),
  settle: async () => ({ kind: "not_sent", detail: "not asked here", retryAfterSeconds: 1, raw: null }),
};

function choiceFor(network: X402Network, feePayer = FEE_PAYER): FacilitatorChoice {
  return { facilitator, extra: network.kind === "solana" ? { feePayer } : {}, versions: [1, 2] };
}

/** One way to pay 0.10 USDC, as a quote stores it. */
export function optionFor(
  network: X402Network,
  over: { readonly payTo?: string; readonly amountUnits?: bigint; readonly feePayer?: string } = {},
): QuoteOption {
  const [token] = network.tokens;
  if (token === undefined) throw new Error("These networks have a token.");
  const payTo = over.payTo ?? (network.kind === "solana" ? SOLANA_MERCHANT : EVM_MERCHANT);
  const amountUnits = over.amountUnits ?? 100_000n;
  const { v2, v1 } = paymentRequirements({
    network,
    token,
    payTo,
    amountUnits,
    resourceUrl: RESOURCE_URL,
    description: "10 minutes of GPU 1",
    maxTimeoutSeconds: 120,
    quoteId: QUOTE_ID,
    quoteSecret: QUOTE_SECRET,
    choice: choiceFor(network, over.feePayer),
  });
  return {
    network: network.id,
    caip2: network.caip2,
    v1Name: network.v1Name,
    token: token.symbol,
    decimals: token.decimals,
    asset: token.address,
    payTo,
    amountUnits: amountUnits.toString(),
    facilitator: facilitator.name,
    facilitatorUrl: facilitator.url,
    requirements: v2,
    requirementsV1: v1,
  };
}

/** A 402 over the given options. */
export function requiredOf(
  options: readonly QuoteOption[],
  over: Partial<PaymentRequiredInput> = {},
): PaymentRequiredInput {
  return {
    options,
    quoteId: QUOTE_ID,
    quoteSecret: QUOTE_SECRET,
    units: 10,
    unit: "minute",
    price: "0.01",
    total: "0.10",
    expiresAt: new Date("2026-11-21T12:05:00.000Z"),
    resource: { url: RESOURCE_URL, description: "GPU 1", serviceName: "Render Farm", tags: ["gpu"] },
    error: "Payment is required.",
    reason: "payment_required",
    ...over,
  };
}
