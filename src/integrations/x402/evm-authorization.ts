import { getAddress, verifyTypedData } from "ethers";
import { z } from "zod";
import { PaymentPayloadInvalid } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";
import type { X402Network, X402Token } from "./networks.ts";
import type { SignedPayment } from "./payment.ts";

/** An EVM payment without what the envelope around it says. */
export type EvmAuthorization = Omit<SignedPayment, "x402Version">;

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const UINT256 = /^(0|[1-9][0-9]{0,77})$/;
const MAXIMUM_UINT256 = 2n ** 256n - 1n;
const Uint256 = z
  .string()
  .regex(UINT256)
  .transform(BigInt)
  .refine((value) => value <= MAXIMUM_UINT256);
// An address in two cases is a checksum (ERC-55), and a wrong one is a typing error worth nobody's money.
const Address = z.string().regex(ADDRESS).refine(hasNoWrongChecksum).transform(canonical);
const Payload = z.strictObject({
  signature: z.string().regex(/^0x([0-9a-fA-F]{2}){1,4096}$/),
  authorization: z.strictObject({
    from: Address,
    to: Address,
    value: Uint256,
    validAfter: Uint256,
    validBefore: Uint256,
    nonce: z.string().regex(/^0x[0-9a-fA-F]{64}$/),
  }),
});
type Payload = z.output<typeof Payload>;

/** EIP-3009. */
const TYPES = {
  TransferWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};
/** An externally owned account's `r`, `s` and `v`. Anything else is a smart wallet's (ERC-1271, ERC-6492). */
const EOA_SIGNATURE_CHARACTERS = 2 + 65 * 2;
/** The year 9999: what Postgres and JavaScript both hold. An authorization without an end is given this one. */
const LAST_SECOND = 253_402_300_799n;
const OTHER_METHODS: Readonly<Record<string, string>> = {
  permit2Authorization: "Permit2",
  permissionContext: "ERC-7710",
  delegationManager: "ERC-7710",
};

/**
 * Reads an EIP-3009 authorization of the `exact` scheme. The token is not in it. A client that names one of ours (`claimed`) is believed
 * till the facilitator checks the signature for that very token, which it does before anything is written down and again before anything
 * moves; a recovery here would be the third, and takes 3 ms of processor time. Else it is the token whose domain recovers the payer.
 * Throws 400 `payment_payload_invalid`.
 */
export function readEvmAuthorization(
  network: X402Network,
  payload: WireObject,
  claimed: string | undefined,
): EvmAuthorization {
  const other = Object.keys(payload).find((name) => Object.hasOwn(OTHER_METHODS, name));
  if (other !== undefined) {
    throw new PaymentPayloadInvalid(
      "unsupported_asset_method",
      `${OTHER_METHODS[other]} is not taken here: sign an EIP-3009 transferWithAuthorization.`,
    );
  }
  const parsed = Payload.safeParse(payload);
  if (!parsed.success) throw new PaymentPayloadInvalid("authorization_malformed", describeIssue(parsed.error));
  const { authorization } = parsed.data;
  if (authorization.value === 0n) throw new PaymentPayloadInvalid("amount_zero", "The authorization pays nothing.");
  return {
    network: network.id,
    kind: "evm",
    key: `${authorization.from}:${authorization.nonce}`.toLowerCase(),
    payer: authorization.from,
    payTo: authorization.to,
    ...judgeSignature(network, parsed.data, claimed),
    amountUnits: authorization.value,
    memo: null,
    validFrom: dateOf(authorization.validAfter),
    validUntil: dateOf(authorization.validBefore),
    feePayer: null,
    tokenProgram: null,
  };
}

function judgeSignature(network: X402Network, signed: Payload, claimed: string | undefined) {
  const named = network.tokens.find(({ address }) => address.toLowerCase() === claimed?.toLowerCase());
  if (named !== undefined) return { asset: named.address, signature: "unchecked" } as const;
  const fallback = claimed ?? network.tokens[0]?.address ?? "";
  if (signed.signature.length !== EOA_SIGNATURE_CHARACTERS) return { asset: fallback, signature: "unchecked" } as const;
  const token = network.tokens.find((each) => isSignedFor(each, network, signed));
  if (token === undefined) return { asset: fallback, signature: "wrong" } as const;
  return { asset: token.address, signature: "proven" } as const;
}

function isSignedFor(token: X402Token, network: X402Network, { authorization, signature }: Payload): boolean {
  if (token.eip712 === undefined) return false;
  const chainId = BigInt(network.caip2.slice("eip155:".length));
  const domain = { ...token.eip712, chainId, verifyingContract: token.address };
  try {
    return verifyTypedData(domain, TYPES, authorization, signature) === authorization.from;
  } catch {
    // No point of the curve, or an `s` in the upper half: no token takes it either.
    return false;
  }
}

function dateOf(seconds: bigint): Date {
  return new Date(Number(seconds > LAST_SECOND ? LAST_SECOND : seconds) * 1000);
}

function canonical(address: string): string {
  return getAddress(address.toLowerCase());
}

function hasNoWrongChecksum(address: string): boolean {
  const digits = address.slice(2);
  const isOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  return isOneCase || canonical(address) === address;
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = ["payload", ...(issue?.path ?? [])].join(".");
  return `${place} is not as the exact scheme's EIP-3009 payload has it: ${issue?.message ?? "malformed"}.`;
}
