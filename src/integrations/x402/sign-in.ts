import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { buildSIWxSchema, verifySIWxSignature } from "@x402/extensions/sign-in-with-x";
import { getAddress } from "ethers";
import type { Knex } from "knex";
import { z } from "zod";
import type { JsonValue } from "../../errors.ts";
import type { Clock } from "../../platform/clock.ts";
import { deriveKey, type MasterKey } from "../../platform/secrets.ts";
import { PaymentHeaderMalformed, SignInExpired, SignInInvalid } from "./errors.ts";
import type { WireObject } from "./facilitator.ts";
import type { X402Network } from "./networks.ts";
import { useNonce } from "./sign-in-nonce-store.ts";
import { decodeWireObject } from "./wire-object.ts";

/** A wallet whose key the caller holds; the address in its chain's canonical spelling. */
export type Wallet = { readonly kind: "evm" | "solana"; readonly address: string };

/** Proofs of wallets by CAIP-122 messages, without a transaction: x402's sign-in-with-x extension. */
export type SignIn = {
  /** A fresh challenge for a 402, as its `extensions` member. The URL is the resource that may be entered by it. */
  readonly challenge: (input: { readonly resourceUrl: string }) => WireObject;
  /**
   * Checks a `SIGN-IN-WITH-X` header against a challenge of ours for the same resource; each is taken once. Throws 401
   * `sign_in_invalid`, `sign_in_expired`.
   */
  readonly verify: (header: string, input: { readonly resourceUrl: string }) => Promise<Wallet>;
};

/** What signing in needs. `publicUrl` is ours as clients reach it; its host is the domain that is signed in to. */
export type SignInNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly publicUrl: string;
  readonly networks: readonly X402Network[];
};

const HEADER = "SIGN-IN-WITH-X";
const LIFETIME_MS = 300_000;
const STATEMENT = "Prove that this wallet paid. This moves nothing and costs nothing.";
const RANDOM_BYTES = 16;
// A line break inside a member would let one signed text be read as two different messages.
const Line = z
  .string()
  .max(2048)
  .regex(/^[^\p{Cc}]*$/u);
const Proof = z.object({
  domain: Line,
  address: Line,
  statement: Line.optional(),
  uri: Line,
  version: z.literal("1"),
  chainId: Line,
  type: z.enum(["eip191", "ed25519"]),
  nonce: z.string().regex(/^[0-9a-f]{64}$/),
  issuedAt: z.iso.datetime(),
  expirationTime: z.iso.datetime(),
  resources: z.array(Line).max(4).optional(),
  signature: Line,
});
type Proof = z.output<typeof Proof>;

/**
 * Opens sign-in. Challenges are stored nowhere: the second half of a nonce is a MAC over its first half, the resource and the times, so
 * that only ours are answered; a signed one is stored as used.
 */
export function openSignIn(needs: SignInNeeds): SignIn {
  const key = deriveKey(needs.masterKey, "sign-in", "challenge");
  const schema = toWire(buildSIWxSchema());
  return {
    challenge: ({ resourceUrl }) => {
      const issuedAt = new Date(needs.clock.now());
      const expirationTime = new Date(issuedAt.getTime() + LIFETIME_MS).toISOString();
      const terms = { uri: resourceUrl, issuedAt: issuedAt.toISOString(), expirationTime };
      const random = randomBytes(RANDOM_BYTES).toString("hex");
      const domain = new URL(needs.publicUrl).host;
      const nonce = `${random}${macOf(key, random, terms)}`;
      const info = { domain, ...terms, version: "1", nonce, statement: STATEMENT, resources: [resourceUrl] };
      return { "sign-in-with-x": { info, supportedChains: chainsOf(needs.networks), schema } };
    },
    verify: async (header, { resourceUrl }) => {
      const proof = readProof(header);
      requireOurs(needs, proof, { key, resourceUrl });
      const wallet = await requireSigned(needs, proof);
      const isFirst = await useNonce(needs.database, {
        nonce: proof.nonce,
        expiresAt: new Date(proof.expirationTime),
      });
      if (isFirst) return wallet;
      throw new SignInInvalid("nonce_used", "This challenge was answered before. Take a new one from a 402 answer.");
    },
  };
}

function readProof(header: string): Proof {
  try {
    return Proof.parse(decodeWireObject(HEADER, header));
  } catch (cause) {
    if (cause instanceof PaymentHeaderMalformed) throw new SignInInvalid("malformed", cause.message);
    throw new SignInInvalid(
      "malformed",
      `${HEADER} is not a signed challenge of ours: a member is missing or malformed.`,
    );
  }
}

function requireOurs(
  needs: SignInNeeds,
  proof: Proof,
  expected: { readonly key: Buffer; readonly resourceUrl: string },
): void {
  if (proof.domain !== new URL(needs.publicUrl).host) {
    throw new SignInInvalid("other_domain", "The challenge is another server's.");
  }
  if (proof.uri !== expected.resourceUrl) {
    throw new SignInInvalid("other_resource", "The challenge is another resource's. Take one from its own 402 answer.");
  }
  const [random, mac] = [proof.nonce.slice(0, RANDOM_BYTES * 2), proof.nonce.slice(RANDOM_BYTES * 2)];
  const ours = Buffer.from(macOf(expected.key, random, proof), "hex");
  if (!timingSafeEqual(ours, Buffer.from(mac, "hex"))) {
    throw new SignInInvalid("unknown_challenge", "The challenge is not one of ours, word for word.");
  }
  if (Date.parse(proof.expirationTime) <= needs.clock.now()) throw new SignInExpired();
}

async function requireSigned(needs: SignInNeeds, proof: Proof): Promise<Wallet> {
  const network = needs.networks.find(({ caip2 }) => caip2 === proof.chainId);
  if (network === undefined)
    throw new SignInInvalid("other_network", "The challenge names a network that is not taken here.");
  const { expirationTime, statement, resources, ...rest } = proof;
  const given = {
    ...rest,
    expirationTime,
    ...(statement === undefined ? {} : { statement }),
    ...(resources === undefined ? {} : { resources }),
  };
  const verdict = await verifySIWxSignature(given).catch(() => ({ isValid: false }));
  if (!verdict.isValid) throw new SignInInvalid("signature", "The signature is not this wallet's over this challenge.");
  const address = network.kind === "evm" ? getAddress(proof.address.toLowerCase()) : proof.address;
  return { kind: network.kind, address };
}

function macOf(key: Buffer, random: string, terms: Pick<Proof, "uri" | "issuedAt" | "expirationTime">): string {
  const text = JSON.stringify([random, terms.uri, terms.issuedAt, terms.expirationTime]);
  return createHmac("sha256", key)
    .update(text)
    .digest("hex")
    .slice(0, RANDOM_BYTES * 2);
}

function chainsOf(networks: readonly X402Network[]): readonly WireObject[] {
  return networks.map(({ caip2, kind }) => ({ chainId: caip2, type: kind === "evm" ? "eip191" : "ed25519" }));
}

/** The package's schema as plain JSON; its types are not index types, the value is. */
function toWire(value: unknown): JsonValue {
  const plain: JsonValue = JSON.parse(JSON.stringify(value));
  return plain;
}
