import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../../src/platform/ids.ts";
import {
  findPaymentByPayload,
  findPaymentOfQuote,
  findPaymentUnderWay,
  insertClaim,
  insertPayment,
  resubmitPayment,
  type StoredPayment,
} from "../../../../src/products/access/payments/payment-store.ts";
import { doubtRows } from "./doubt/doubt-rows.ts";
import { type DoubtWorld, startDoubtWorld } from "./doubt/doubt-world.ts";

let world: DoubtWorld;
let rows: ReturnType<typeof doubtRows>;
beforeAll(async () => {
  world = await startDoubtWorld({});
  rows = doubtRows(world);
});
afterAll(() => world?.close());

const again = (payment: StoredPayment, changes: Partial<StoredPayment> = {}) =>
  insertPayment(world.app.database, { ...payment, id: newId("apy"), ...changes });

describe("a payment's row", () => {
  it("reads back as it was written, in base units and nanodollars", async () => {
    const payment = await rows.signed();
    expect(payment).toMatchObject({
      status: "submitted",
      amountUnits: 500_000n,
      gross: 500_000_000n,
      feeUnits: 10_000n,
    });
    const { network, payloadKey } = payment;
    expect(await findPaymentByPayload(world.app.database, { network, payloadKey })).toEqual(payment);
    expect(await findPaymentByPayload(world.app.database, { network: "solana:local", payloadKey })).toBeNull();
  });

  it("is the only one of its signed payload, of its quote and of its asset while it is under way", async () => {
    const payment = await rows.signed();
    const other = await rows.signed();
    const free = { payloadKey: crypto.randomUUID(), quoteId: other.quoteId, assetId: other.assetId };
    const { payloadKey, quoteId, assetId } = payment;
    await rows.resolve(other.id, "failed");
    for (const taken of [{ payloadKey }, { quoteId }, { assetId }]) {
      await expect(again(payment, { ...free, ...taken })).rejects.toMatchObject({ code: "23505" });
    }
    await again(payment, free);
  });

  it("lets its asset and quote go when it failed, and may be tried again", async () => {
    const { id, assetId, quoteId } = await rows.signed();
    const { database } = world.app;
    expect(await findPaymentUnderWay(database, assetId)).toMatchObject({ id });
    expect(await resubmitPayment(database, { id, keyHash: null })).toBeNull();
    await rows.resolve(id, "failed");
    expect([await findPaymentUnderWay(database, assetId), await findPaymentOfQuote(database, quoteId)]).toEqual([
      null,
      null,
    ]);
    expect(await resubmitPayment(database, { id, keyHash: null })).toMatchObject({ id, status: "submitted" });
    expect(await world.payment(id)).toMatchObject({ status: "submitted", resolvedAt: null, failureCode: null });
  });

  it("of a claim is under way for nobody until it is resolved in its transaction", async () => {
    const { id: _id, ...facts } = await rows.signed();
    await rows.resolve(_id, "failed");
    const id = newId("apy");
    await insertClaim(world.app.database, { ...facts, id, payloadKey: crypto.randomUUID() }, new Date());
    expect(await world.payment(id)).toMatchObject({ status: "failed" });
    expect(await findPaymentUnderWay(world.app.database, facts.assetId)).toBeNull();
  });
});
