import { z } from "zod";
import type { SignedTransfer } from "../../../../integrations/chains/payments.ts";
import type { FacilitatorCall } from "../../../../integrations/x402/facilitator.ts";

const SolanaPayload = z.object({ payload: z.object({ transaction: z.string().min(1) }) });
const EvmPayload = z.object({
  payload: z.object({
    authorization: z.object({
      from: z.string(),
      validBefore: z.string().regex(/^(?:[0-9]{1,78}|0x[0-9a-fA-F]{1,64})$/),
      nonce: z.string().regex(/^0x[0-9a-fA-F]{64}$/),
    }),
  }),
});

/**
 * What is looked for on the chain, of a payload that was sealed when it was taken. `token` is its address; `payer` in the chain's spelling;
 * `since` is when the payload came. Throws what zod throws for a payload that was never checked. Pure.
 */
export function signedTransferOf(
  call: Pick<FacilitatorCall, "paymentPayload">,
  payment: {
    readonly kind: "evm" | "solana";
    readonly token: string;
    readonly payer: string;
    readonly since: Date;
  },
): SignedTransfer {
  const { token, payer, since } = payment;
  if (payment.kind === "solana") {
    const { transaction } = SolanaPayload.parse(call.paymentPayload).payload;
    return { kind: "solana", token, payer, transaction, since };
  }
  const { nonce, validBefore } = EvmPayload.parse(call.paymentPayload).payload.authorization;
  return { kind: "evm", token, payer, nonce: nonce.toLowerCase(), validBefore: BigInt(validBefore), since };
}
