import type { FacilitatorCall, WireObject } from "../../../../integrations/x402/facilitator.ts";
import { type MasterKey, openSecret, sealSecret } from "../../../../platform/secrets.ts";

const PURPOSE = "x402-payload";

/** Seals what a facilitator is asked to settle, word for word, so that exactly it can be asked again. Whoever has it open can settle it. */
export function sealPayload(needs: { readonly masterKey: MasterKey }, call: FacilitatorCall): string {
  return sealSecret(needs.masterKey, PURPOSE, JSON.stringify(call));
}

/** The call that {@link sealPayload} sealed. Throws a plain error for anything else. */
export function openPayload(needs: { readonly masterKey: MasterKey }, sealed: string): FacilitatorCall {
  const call: unknown = JSON.parse(openSecret(needs.masterKey, PURPOSE, sealed));
  if (!isObject(call)) throw new Error("A sealed payload is no object.");
  const { x402Version, paymentPayload, paymentRequirements } = call;
  if (!isObject(paymentPayload) || !isObject(paymentRequirements) || (x402Version !== 1 && x402Version !== 2))
    throw new Error("A sealed payload is not what a facilitator is asked.");
  return { x402Version, paymentPayload, paymentRequirements };
}

function isObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
