import { afterEach, expect, it } from "vitest";
import { type StagedFacilitator, stageFacilitator } from "./staged-facilitator.ts";

let staged: StagedFacilitator;
afterEach(() => staged.stop());

const SUPPORTED = {
  kinds: [{ x402Version: 2, scheme: "exact", network: "solana:local", extra: { feePayer: "w" } }],
  extensions: [],
  signers: { "solana:*": ["w"] },
} as const;

it("says what can be settled and who pays the fees", async () => {
  staged = await stageFacilitator({ supported: () => SUPPORTED });
  expect(await staged.get("/supported")).toEqual({ status: 200, body: SUPPORTED });
});

it("says it to the token's bearer alone, where a token is configured", async () => {
  staged = await stageFacilitator({ supported: () => SUPPORTED }, "a-token-of-at-least-32-characters-long");
  expect((await staged.get("/supported")).status).toBe(401);
  expect((await staged.get("/supported", "another-token-of-32-characters-or-so")).status).toBe(401);
  expect((await staged.get("/supported", "a-token-of-at-least-32-characters-long")).status).toBe(200);
});
