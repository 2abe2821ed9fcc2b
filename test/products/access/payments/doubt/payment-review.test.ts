import { afterAll, beforeAll, expect, it } from "vitest";
import { reviewOf } from "../../../../../src/products/access/payments/doubt/payment-review.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

it("says in words what is in doubt, until when it can land, and when it is looked at again", async () => {
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payload: null, payloadKey: "k", transaction: "0xab" };
  const payment = await world.submit({ ...facts, validUntil: new Date(1_000) });
  expect(reviewOf(payment, "It can still come.", new Date(0))).toEqual({
    status: "submitted",
    next: "wait",
    deadline: "1970-01-01T00:00:01.000Z",
    lookAgainAt: "1970-01-01T00:00:00.000Z",
    details: "Payment of 0.5 USDC (500000 base units) from 0xFrom on eip155:31337 is submitted. It can still come.",
  });
  expect(reviewOf({ ...payment, validUntil: null }, "", null)).toMatchObject({ next: "done", deadline: null });
});
