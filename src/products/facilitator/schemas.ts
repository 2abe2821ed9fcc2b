import { z } from "zod";

const WireObject = z.record(z.string(), z.json());

/** The body of `/verify` and `/settle`. What is inside is judged by the chain it names, and answered with x402's own reasons. */
export const FacilitatorCallBody = z.object({
  x402Version: z.union([z.literal(1), z.literal(2)]),
  paymentPayload: WireObject,
  paymentRequirements: WireObject,
});

/** What `/verify` answers. */
export const VerifyReply = z.object({
  isValid: z.boolean(),
  invalidReason: z.string().optional(),
  invalidMessage: z.string().optional(),
  payer: z.string().optional(),
});

/** What `/settle` answers. `transaction` is empty where nothing was sent. */
export const SettleReply = z.object({
  success: z.boolean(),
  errorReason: z.string().optional(),
  errorMessage: z.string().optional(),
  transaction: z.string(),
  network: z.string(),
  payer: z.string().optional(),
});

/** What `/supported` answers. */
export const SupportedReply = z.object({
  kinds: z.array(
    z.object({
      x402Version: z.union([z.literal(1), z.literal(2)]),
      scheme: z.string(),
      network: z.string(),
      extra: z.record(z.string(), z.unknown()),
    }),
  ),
  extensions: z.array(z.string()),
  signers: z.record(z.string(), z.array(z.string())),
});
