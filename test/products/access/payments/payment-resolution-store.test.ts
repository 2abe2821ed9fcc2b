import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  markPaymentUnknown,
  resolvePaymentRow,
} from "../../../../src/products/access/payments/payment-resolution-store.ts";
import { EVM, startDoubtWorld } from "./doubt/doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

const NOTHING = { sessionId: null, receipt: null, failureCode: null, failureDetail: null } as const;
const submit = () => {
  const payloadKey = crypto.randomUUID();
  return world.submit({ network: EVM, payTo: "0xTo", payer: "0xFrom", payload: {}, payloadKey });
};
const resolve = (id: string, status: "failed" | "unserved", transaction: string | null = null) =>
  resolvePaymentRow(world.app.database, { ...NOTHING, id, status, at: new Date(), transaction });

describe("a payment under way", () => {
  it("answers how it ended, and keeps the transaction it may be where none is named", async () => {
    const { id } = await submit();
    const transaction = crypto.randomUUID();
    await markPaymentUnknown(world.app.database, { id, transaction });
    expect(await resolve(id, "failed")).toMatchObject({ id, status: "failed", transaction });
  });

  it("is doubted only while it is under way, and then keeps the transaction it may be", async () => {
    const { id } = await submit();
    const transaction = crypto.randomUUID();
    expect(await markPaymentUnknown(world.app.database, { id, transaction })).toMatchObject({ status: "unknown" });
    expect(await markPaymentUnknown(world.app.database, { id, transaction: null })).toMatchObject({ transaction });
    expect(await world.payment(id)).toMatchObject({ status: "unknown", transaction });
    await resolve(id, "unserved", transaction);
    expect(await markPaymentUnknown(world.app.database, { id, transaction: null })).toBeNull();
  });
});
