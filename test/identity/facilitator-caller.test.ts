import { expect, it } from "vitest";
import { facilitatorVerifier } from "../../src/identity/facilitator-caller.ts";

it("knows the one token, and is closed without one", () => {
  const { configured, read, verify } = facilitatorVerifier("a-token-of-24-characters-1");
  expect(configured).toBe(true);
  const given = read({ authorization: "Bearer a-token-of-24-characters-1" });
  expect(verify(given ?? "")).toEqual({ kind: "facilitator_caller", subject: "facilitator_caller" });
  expect(verify("a-token-of-24-characters-2")).toBeUndefined();
  const closed = facilitatorVerifier(undefined);
  expect([closed.configured, closed.verify("")]).toEqual([false, undefined]);
});
