import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markPaymentUnknown } from "../../../../src/products/access/payments/payment-resolution-store.ts";
import { doubtRows } from "./doubt/doubt-rows.ts";
import { type DoubtWorld, startDoubtWorld } from "./doubt/doubt-world.ts";

let world: DoubtWorld;
let rows: ReturnType<typeof doubtRows>;
beforeAll(async () => {
  world = await startDoubtWorld({});
  rows = doubtRows(world);
});
afterAll(() => world?.close());

describe("a payment under way", () => {
  it("answers how it ended, and keeps the transaction it may be where none is named", async () => {
    const { id } = await rows.signed();
    const transaction = crypto.randomUUID();
    await markPaymentUnknown(world.app.database, { id, transaction });
    expect(await rows.resolve(id, "failed")).toMatchObject({ id, status: "failed", transaction });
  });

  it("is doubted only while it is under way, and then keeps the transaction it may be", async () => {
    const { id } = await rows.signed();
    const transaction = crypto.randomUUID();
    expect(await markPaymentUnknown(world.app.database, { id, transaction })).toMatchObject({ status: "unknown" });
    expect(await markPaymentUnknown(world.app.database, { id, transaction: null })).toMatchObject({ transaction });
    expect(await world.payment(id)).toMatchObject({ status: "unknown", transaction });
    await rows.resolve(id, "unserved", transaction);
    expect(await markPaymentUnknown(world.app.database, { id, transaction: null })).toBeNull();
  });
});
