import { expect, it } from "vitest";
import {
  mintSessionToken,
  readSessionToken,
  SESSION_TOKEN,
} from "../../../../src/products/access/sessions/session-token.ts";

const needs = { masterKey: Buffer.alloc(32, 7) };

it("mints a token of 256 bits, and reads it from its seal for its own session alone", () => {
  const { token, tokenSealed } = mintSessionToken(needs, { sessionId: "acs_1" });
  expect(token).toMatch(SESSION_TOKEN);
  expect(mintSessionToken(needs, { sessionId: "acs_1" }).token).not.toBe(token);
  expect(tokenSealed).not.toContain(token.slice(5));
  expect(readSessionToken(needs, { id: "acs_1", tokenSealed })).toBe(token);
  expect(() => readSessionToken(needs, { id: "acs_2", tokenSealed })).toThrow("does not open");
  expect(() => readSessionToken({ masterKey: Buffer.alloc(32, 8) }, { id: "acs_1", tokenSealed })).toThrow();
});
