import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  answerKnownPayment,
  answerPayment,
} from "../../../../../src/products/access/payments/taking/answer-payment.ts";
import type { PresentedProof } from "../../../../../src/products/access/payments/taking/presented-proof.ts";
import { EVM, startDoubtWorld } from "../doubt/doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

const NOTHING: PresentedProof = { quoteId: null, key: null, wallet: null };

/** A payment in doubt, changed to what the test asks. */
async function payment(changes: object = {}) {
  const payloadKey = crypto.randomUUID();
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payload: {}, payloadKey };
  const { id } = await world.submit(facts);
  await world.app
    .owner("access_payments")
    .where({ id })
    .update({ status: "unknown", ...changes });
  return world.payment(id);
}

describe("a payment that was shown before", () => {
  it("is answered to whoever shows what is on no chain, for what it was made for", async () => {
    const known = await payment();
    const answer = (proof: PresentedProof, assetId = known.assetId) =>
      answerKnownPayment(world.needs, { known, proof, target: { assetId, session: null } });
    expect(await answer({ ...NOTHING, quoteId: known.quoteId })).toMatchObject({
      kind: "pending",
      payment: { id: known.id },
    });
    const used = { code: "payment_already_used" };
    await expect(answer(NOTHING)).rejects.toMatchObject(used);
    await expect(answer({ ...NOTHING, quoteId: "qte_other" })).rejects.toMatchObject(used);
    await expect(answer({ ...NOTHING, quoteId: known.quoteId }, "ast_other")).rejects.toMatchObject(used);
  });

  it("may be tried again where it failed, and is nobody's secret then", async () => {
    const known = await payment({ status: "failed", resolved_at: new Date() });
    const target = { assetId: known.assetId, session: null };
    expect(await answerKnownPayment(world.needs, { known, target, proof: NOTHING })).toBeNull();
    expect(await answerPayment(world.needs, known)).toBeNull();
  });

  it("is told as it ended while the first request was at it", async () => {
    const known = await payment({ status: "submitted" });
    const target = { assetId: known.assetId, session: null };
    const proof = { ...NOTHING, quoteId: known.quoteId };
    const waiting = answerKnownPayment(world.needs, { known, target, proof });
    const ended = { status: "unserved", resolved_at: new Date(), transaction: known.id };
    await world.app.owner("access_payments").where("id", known.id).update(ended);
    expect(await waiting).toMatchObject({ kind: "unserved", payment: { id: known.id, status: "unserved" } });
  });
});
