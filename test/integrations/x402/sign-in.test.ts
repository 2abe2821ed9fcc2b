import { createKeyPairFromPrivateKeyBytes, getAddressFromPublicKey, signBytes } from "@solana/kit";
import {
  type CompleteSIWxInfo,
  createSIWxPayload,
  encodeSIWxHeader,
  type SIWxPayload,
} from "@x402/extensions/sign-in-with-x";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openSignIn, type SignIn } from "../../../src/integrations/x402/sign-in.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { codeOfLater } from "./code-of.ts";
import { RESOURCE_URL } from "./offers.ts";
import { PUBLIC_URL, signInNeeds } from "./sign-in-needs.ts";

const evm = privateKeyToAccount(`0x${"42".repeat(32)}`);
const SOLANA_CHAIN = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";
const EVM_CHAIN = "eip155:84532";
const Challenge = z.object({
  "sign-in-with-x": z.object({
    info: z.object({
      domain: z.string(),
      uri: z.string(),
      version: z.string(),
      nonce: z.string(),
      issuedAt: z.string(),
      expirationTime: z.string(),
      statement: z.string(),
      resources: z.array(z.string()),
    }),
    supportedChains: z.array(z.object({ chainId: z.string(), type: z.enum(["eip191", "ed25519"]) })),
  }),
});

let database: TestDatabase;
let needs: ReturnType<typeof signInNeeds>;
let signIn: SignIn;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  needs = signInNeeds(database.applicationUrl);
  signIn = openSignIn(needs);
});
afterEach(() => needs.database.destroy());

function challengeFor(chainId: string, resourceUrl = RESOURCE_URL): CompleteSIWxInfo {
  const { info, supportedChains } = Challenge.parse(signIn.challenge({ resourceUrl }))["sign-in-with-x"];
  const chain = supportedChains.find((each) => each.chainId === chainId);
  if (chain === undefined) throw new Error("The challenge is not for this chain.");
  return { ...info, ...chain };
}

/** A wallet as browsers' wallet adapters are. */
async function solanaWallet() {
  const { privateKey, publicKey } = await createKeyPairFromPrivateKeyBytes(new Uint8Array(32).fill(8));
  const signMessage = async (message: Uint8Array) => Uint8Array.from(await signBytes(privateKey, message));
  return { publicKey: await getAddressFromPublicKey(publicKey), signMessage };
}

async function signEvm(over: Partial<CompleteSIWxInfo> = {}): Promise<SIWxPayload> {
  const info = { ...challengeFor(EVM_CHAIN), ...over };
  return createSIWxPayload(info, evm, `https://${info.domain}/`);
}

const verify = (payload: SIWxPayload, resourceUrl = RESOURCE_URL) =>
  signIn.verify(encodeSIWxHeader(payload), { resourceUrl });
const refusal = async (payload: SIWxPayload, resourceUrl = RESOURCE_URL) => codeOfLater(verify(payload, resourceUrl));

describe("openSignIn", () => {
  it("knows an EVM wallet by x402's own client, in the address's canonical spelling", async () => {
    expect(await verify(await signEvm())).toEqual({ kind: "evm", address: evm.address });
  });

  it("knows a Solana wallet by x402's own client", async () => {
    const wallet = await solanaWallet();
    const payload = await createSIWxPayload(challengeFor(SOLANA_CHAIN), wallet, PUBLIC_URL);
    expect(await verify(payload)).toEqual({ kind: "solana", address: wallet.publicKey });
  });

  it("takes a signed challenge once, however many ask at once", async () => {
    const payload = await signEvm();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refusal(payload)));
    expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["accepted", "sign_in_invalid: nonce_used"]));
  });

  it("remembers what was used in another process", async () => {
    const payload = await signEvm();
    await verify(payload);
    const other = signInNeeds(database.applicationUrl);
    const again = codeOfLater(openSignIn(other).verify(encodeSIWxHeader(payload), { resourceUrl: RESOURCE_URL }));
    expect(await again).toBe("sign_in_invalid: nonce_used");
    await other.database.destroy();
  });

  it("takes a challenge for five minutes", async () => {
    const [early, late] = [await signEvm(), await signEvm()];
    needs.moveClock(299_000);
    expect(await refusal(early)).toBe("accepted");
    needs.moveClock(1_000);
    expect(await refusal(late)).toBe("sign_in_expired");
  });

  it("takes only challenges of its own, unchanged", async () => {
    const nonce = "ab".repeat(32);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await refusal(await signEvm({ nonce }))).toBe("sign_in_invalid: unknown_challenge");
    expect(await refusal(await signEvm({ expirationTime: later }))).toBe("sign_in_invalid: unknown_challenge");
    expect(await refusal(await signEvm({ issuedAt: later }))).toBe("sign_in_invalid: unknown_challenge");
    const elsewhere = openSignIn({ ...needs, masterKey: new Uint8Array(32).fill(6) });
    const foreign = codeOfLater(elsewhere.verify(encodeSIWxHeader(await signEvm()), { resourceUrl: RESOURCE_URL }));
    expect(await foreign).toBe("sign_in_invalid: unknown_challenge");
  });

  it("lets nobody in with a challenge of another server or another resource", async () => {
    const phished = await signEvm({ domain: "evil.example", uri: "https://evil.example/a" });
    expect(await refusal(phished)).toBe("sign_in_invalid: other_domain");
    const other = `${PUBLIC_URL}/api/v1/access/ast_other`;
    expect(await refusal(await signEvm(), other)).toBe("sign_in_invalid: other_resource");
    const forged = await signEvm({ uri: other });
    expect(await refusal(forged, other)).toBe("sign_in_invalid: unknown_challenge");
  });

  it("lets nobody in as somebody else", async () => {
    const payload = await signEvm();
    const stranger = privateKeyToAccount(`0x${"43".repeat(32)}`).address;
    expect(await refusal({ ...payload, address: stranger })).toBe("sign_in_invalid: signature");
    expect(await refusal({ ...payload, signature: "0x1234" })).toBe("sign_in_invalid: signature");
    expect(await refusal({ ...payload, statement: "Another text." })).toBe("sign_in_invalid: signature");
    expect(await refusal({ ...payload, chainId: SOLANA_CHAIN })).toBe("sign_in_invalid: signature");
    expect(await refusal({ ...payload, chainId: "eip155:1" })).toBe("sign_in_invalid: other_network");
    expect(await refusal(payload)).toBe("accepted");
  });

  it.each([
    ["no base64", "{}"],
    ["no JSON", Buffer.from("x").toString("base64")],
    ["an empty object", Buffer.from("{}").toString("base64")],
    ["the same header twice", "e30=, e30="],
  ])("refuses %s", async (_what, header) => {
    const outcome = await codeOfLater(signIn.verify(header, { resourceUrl: RESOURCE_URL }));
    expect(outcome).toBe("sign_in_invalid: malformed");
  });

  it("refuses members with line breaks, which could be read as other members", async () => {
    const payload = await signEvm();
    expect(await refusal({ ...payload, statement: "a\nURI: https://evil.example" })).toBe("sign_in_invalid: malformed");
  });
});
