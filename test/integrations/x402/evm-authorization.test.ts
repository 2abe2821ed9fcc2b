import { hexlify, Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import { readEvmAuthorization } from "../../../src/integrations/x402/evm-authorization.ts";
import type { WireObject } from "../../../src/integrations/x402/facilitator.ts";
import type { X402Network } from "../../../src/integrations/x402/networks.ts";
import { codeOf } from "./code-of.ts";
import { BASE_SEPOLIA, EVM_MERCHANT, NAMELESS } from "./offers.ts";

const payer = new Wallet(`0x${"17".repeat(32)}`);
const NONCE = `0x${"ab".repeat(32)}`;
const OTHER_TOKEN = {
  symbol: "EURC",
  address: "0x808456652fdb597867f38412077A9182bf77359F",
  decimals: 6,
  eip712: { name: "EURC", version: "2" },
};
const TWO_TOKENS: X402Network = { ...BASE_SEPOLIA, tokens: [...BASE_SEPOLIA.tokens, OTHER_TOKEN] };
const AUTHORIZATION = {
  from: payer.address,
  to: EVM_MERCHANT,
  value: "100000",
  validAfter: "0",
  validBefore: "1900000000",
  nonce: NONCE,
};

const NAMES = ["from", "to", "value", "validAfter", "validBefore", "nonce"] as const;
const TYPE_OF = { from: "address", to: "address", nonce: "bytes32" } as const;
const TYPES = {
  TransferWithAuthorization: NAMES.map((name) => ({ name, type: name in TYPE_OF ? typeFor(name) : "uint256" })),
};

function typeFor(name: (typeof NAMES)[number]): string {
  return name === "nonce" ? TYPE_OF.nonce : TYPE_OF.from;
}

async function sign(over: Partial<typeof AUTHORIZATION> = {}, token = BASE_SEPOLIA.tokens[0], chainId = 84532) {
  const authorization = { ...AUTHORIZATION, ...over };
  const domain = { ...token?.eip712, chainId, verifyingContract: token?.address ?? "" };
  return { signature: await payer.signTypedData(domain, TYPES, authorization), authorization };
}

const read = (payload: WireObject, claimed?: string) => readEvmAuthorization(BASE_SEPOLIA, payload, claimed);
const refusal = (payload: WireObject) => codeOf(() => read(payload));

describe("readEvmAuthorization", () => {
  it("reads who pays whom how much until when, and proves the signature", async () => {
    expect(read(await sign())).toEqual({
      network: "eip155:84532",
      kind: "evm",
      key: `${payer.address}:${NONCE}`.toLowerCase(),
      payer: payer.address,
      payTo: EVM_MERCHANT,
      asset: BASE_SEPOLIA.tokens[0]?.address,
      amountUnits: 100_000n,
      memo: null,
      validFrom: new Date(0),
      validUntil: new Date(1_900_000_000_000),
      feePayer: null,
      tokenProgram: null,
      signature: "proven",
    });
  });

  it("has one key for every spelling of a payment", async () => {
    const { signature, authorization } = await sign();
    const spelled = { ...authorization, from: payer.address.toLowerCase(), nonce: `0x${"AB".repeat(32)}` };
    expect(read({ signature, authorization: spelled })).toEqual(read({ signature, authorization }));
  });

  it("finds the token the signature is for where the client names none, or none of ours", async () => {
    const payload = await sign({}, OTHER_TOKEN);
    for (const claimed of [undefined, EVM_MERCHANT]) {
      expect(readEvmAuthorization(TWO_TOKENS, payload, claimed)).toMatchObject({
        asset: OTHER_TOKEN.address,
        signature: "proven",
      });
    }
  });

  it("leaves the signature for a token that the client names to the facilitator, also a wrong one", async () => {
    const good = await sign({}, OTHER_TOKEN);
    const claimed = OTHER_TOKEN.address.toLowerCase();
    for (const payload of [good, { ...good, authorization: { ...good.authorization, value: "1" } }]) {
      expect(readEvmAuthorization(TWO_TOKENS, payload, claimed)).toMatchObject({
        asset: OTHER_TOKEN.address,
        signature: "unchecked",
      });
    }
  });

  it("finds a signature wrong for another chain, domain, or changed member", async () => {
    const good = await sign();
    const changed = { ...good, authorization: { ...good.authorization, value: "1" } };
    const wrongName = { ...OTHER_TOKEN, ...BASE_SEPOLIA.tokens[0], eip712: { name: "USD Coin", version: "2" } };
    for (const payload of [await sign({}, undefined, 8453), await sign({}, wrongName), changed]) {
      expect(read(payload).signature).toBe("wrong");
    }
    expect(readEvmAuthorization(NAMELESS, good, undefined).signature).toBe("wrong");
  });

  it("finds a signature wrong whose s is in the upper half, as tokens do", async () => {
    const { signature, authorization } = await sign();
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const mirrored = `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${v}`;
    expect(read({ signature: mirrored, authorization }).signature).toBe("wrong");
  });

  it("leaves a smart wallet's signature to the chain, and believes the client's token for it", async () => {
    const { authorization } = await sign();
    const signature = hexlify(new Uint8Array(200).fill(3));
    expect(readEvmAuthorization(TWO_TOKENS, { signature, authorization }, OTHER_TOKEN.address)).toMatchObject({
      asset: OTHER_TOKEN.address,
      signature: "unchecked",
    });
  });

  it("gives an authorization without an end the last day a database holds", async () => {
    const endless = (2n ** 256n - 1n).toString();
    expect(read(await sign({ validBefore: endless })).validUntil?.getUTCFullYear()).toBe(9999);
  });

  it.each([
    ["Permit2", { signature: "0x11", permit2Authorization: {} }],
    ["Permit2 beside an authorization", { signature: "0x11", authorization: AUTHORIZATION, permit2Authorization: {} }],
    ["ERC-7710", { delegationManager: EVM_MERCHANT, permissionContext: "0x", delegator: EVM_MERCHANT }],
  ])("names %s as what is not taken", (_what, payload) => {
    expect(refusal(payload)).toBe("payment_payload_invalid: unsupported_asset_method");
  });

  it.each([
    ["hexadecimal", { value: "0x186a0" }],
    ["negative", { value: "-100000" }],
    ["a fraction", { value: "100000.0" }],
    ["an exponent", { value: "1e5" }],
    ["with a leading zero", { value: "0100000" }],
    ["beyond 256 bits", { value: (2n ** 256n).toString() }],
    ["empty", { value: "" }],
    ["not a date", { validBefore: "tomorrow" }],
    ["from nobody", { from: "0x" }],
    ["to a mistyped address", { to: EVM_MERCHANT.replace("0x209693B", "0x209693b") }],
    ["with a short nonce", { nonce: "0xab" }],
  ])("X12: refuses an authorization that is %s", async (_what, over) => {
    const { signature } = await sign();
    const authorization = { ...AUTHORIZATION, ...over };
    expect(refusal({ signature, authorization })).toBe("payment_payload_invalid: authorization_malformed");
  });

  it("X12: refuses an amount as a number, unknown members, and none", async () => {
    const { signature, authorization } = await sign();
    for (const payload of [
      {},
      { signature },
      { signature, authorization: { ...authorization, value: 100_000 } },
      { signature, authorization: { ...authorization, more: "1" } },
      { signature, authorization, more: "1" },
      { signature: "0x1", authorization },
      { signature: [signature], authorization },
    ]) {
      expect(refusal(payload)).toBe("payment_payload_invalid: authorization_malformed");
    }
  });

  it("X12: refuses to be paid nothing", async () => {
    expect(refusal(await sign({ value: "0" }))).toBe("payment_payload_invalid: amount_zero");
  });
});
