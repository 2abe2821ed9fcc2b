import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcUnavailable } from "../../../../../src/integrations/chains/errors.ts";
import { askFacilitatorAgain } from "../../../../../src/products/access/payments/doubt/ask-again.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

const nonce = `0x${"ab".repeat(32)}`;
const authorization = { from: "0xFrom", to: "0xTo", value: "1", validAfter: "0", validBefore: "9", nonce };

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

describe("a facilitator that is asked again", () => {
  it("is on record with its answer, and one that is configured no more was not asked", async () => {
    const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payloadKey: "again", payload: { authorization } };
    const payment = await world.submit(facts);
    expect(await askFacilitatorAgain(world.needs, payment)).toMatchObject({ kind: "not_sent" });
    expect(await world.log(payment.id)).toEqual([{ event: "asked_again", code: "not_sent" }]);
    expect(await askFacilitatorAgain(world.needs, { ...payment, payloadSealed: null })).toBeNull();
    const named = () => {
      throw new RpcUnavailable("none", "it is configured no more");
    };
    const without = { ...world.needs, facilitators: { ...world.needs.facilitators, named } };
    expect(await askFacilitatorAgain(without, payment)).toMatchObject({ kind: "not_sent", retryAfterSeconds: 60 });
  });
});
