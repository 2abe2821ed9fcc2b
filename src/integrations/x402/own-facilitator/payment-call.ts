import { z } from "zod";
import type { FacilitatorCall } from "../facilitator.ts";
import type { X402Network } from "../networks.ts";
import type { PaymentCall } from "./settlement-chain.ts";

const text = z.string().max(2_048);
/** Of any chain: what is more than letters and digits is none, and might be what no database keeps. */
const address = z.string().regex(/^[0-9A-Za-z]{1,64}$/);
const amount = z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/);
const extra = z.record(z.string(), z.unknown()).nullish();
const Caip2 = z.templateLiteral([z.string().min(1).max(32), ":", z.string().min(1).max(64)]);
const seconds = z.number().positive();

const SecondTerms = z.object({
  scheme: text,
  network: Caip2,
  asset: address,
  amount,
  payTo: address,
  maxTimeoutSeconds: seconds,
  extra,
});
const FirstTerms = z.object({
  scheme: text,
  network: text,
  asset: address,
  maxAmountRequired: amount,
  payTo: address,
  maxTimeoutSeconds: seconds,
  extra,
});
const signed = z.record(z.string(), z.unknown());
const SecondPayment = z.object({ accepted: z.object({ scheme: text, network: Caip2 }), payload: signed });
const FirstPayment = z.object({ scheme: text, network: text, payload: signed });

/** A call read: the network it is for, and the payment in the form of version 2. */
export type ReadCall = { readonly network: X402Network; readonly call: PaymentCall };

/** Why a call is none that can be looked at, in x402's words. */
export type CallRefusal = { readonly reason: string; readonly message: string };

/**
 * Reads a call of either version. Version 1 is put into the form of version 2, so that one set of checks and caps serves both: the signed
 * bytes are the same. The network has to be one of `networks`, and the token one of its tokens.
 */
export function readPaymentCall(networks: readonly X402Network[], input: FacilitatorCall): ReadCall | CallRefusal {
  return input.x402Version === 1 ? readFirst(networks, input) : readSecond(networks, input);
}

function readSecond(networks: readonly X402Network[], { paymentPayload, paymentRequirements }: FacilitatorCall) {
  const requirements = SecondTerms.safeParse(paymentRequirements);
  const payload = SecondPayment.safeParse(paymentPayload);
  if (!requirements.success) return refuse("invalid_payment_requirements", requirements.error);
  if (!payload.success) return refuse("invalid_payload", payload.error);
  const network = networks.find(({ caip2 }) => caip2 === requirements.data.network);
  return admit(network, {
    requirements: requirements.data,
    named: payload.data.accepted,
    payload: payload.data.payload,
  });
}

function readFirst(networks: readonly X402Network[], { paymentPayload, paymentRequirements }: FacilitatorCall) {
  const requirements = FirstTerms.safeParse(paymentRequirements);
  const payload = FirstPayment.safeParse(paymentPayload);
  if (!requirements.success) return refuse("invalid_payment_requirements", requirements.error);
  if (!payload.success) return refuse("invalid_payload", payload.error);
  const { maxAmountRequired, network: name, ...rest } = requirements.data;
  const network = networks.find(({ v1Name }) => v1Name === name);
  const caip2 = Caip2.safeParse(network?.caip2).data;
  if (caip2 === undefined) return unknownNetwork();
  const named = {
    scheme: payload.data.scheme,
    network: payload.data.network === name ? caip2 : ("other:network" as const),
  };
  return admit(network, {
    requirements: { ...rest, network: caip2, amount: maxAmountRequired },
    named,
    payload: payload.data.payload,
  });
}

type Parts = {
  readonly requirements: z.infer<typeof SecondTerms>;
  readonly named: z.infer<typeof SecondPayment>["accepted"];
  readonly payload: Record<string, unknown>;
};

function admit(network: X402Network | undefined, { requirements, named, payload }: Parts): ReadCall | CallRefusal {
  if (network === undefined) return unknownNetwork();
  const isEvm = network.kind === "evm";
  const isTaken = network.tokens.some(({ address: token }) =>
    isEvm ? token.toLowerCase() === requirements.asset.toLowerCase() : token === requirements.asset,
  );
  if (!isTaken) return { reason: "invalid_payment_requirements", message: "this facilitator does not take that asset" };
  const terms = { ...requirements, extra: requirements.extra ?? {} };
  return {
    network,
    call: { requirements: terms, payload: { x402Version: 2, accepted: { ...terms, ...named }, payload } },
  };
}

function unknownNetwork(): CallRefusal {
  return { reason: "invalid_network", message: "this facilitator does not serve that network" };
}

function refuse(reason: string, { issues }: z.ZodError): CallRefusal {
  const [first] = issues;
  return { reason, message: first === undefined ? reason : `${first.path.join(".")}: ${first.message}`.slice(0, 200) };
}
