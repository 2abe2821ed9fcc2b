import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logPayment, type PaymentLogLine } from "../../../../src/products/access/payments/payment-log-store.ts";
import { EVM, startDoubtWorld } from "./doubt/doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

async function logged(line: Pick<PaymentLogLine, "detail" | "raw">) {
  const payloadKey = crypto.randomUUID();
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payload: null, payloadKey, transaction: payloadKey };
  const payment = await world.submit(facts);
  const { id: paymentId, quoteId, merchantId, assetId } = payment;
  await logPayment(world.app.database, { paymentId, quoteId, merchantId, assetId, event: "unknown", ...line });
  return world.app.owner("access_payment_log").where({ payment_id: paymentId }).first();
}

describe("a line of the payment log", () => {
  it("keeps the facilitator's answer word for word, but for what Postgres refuses", async () => {
    const raw = { success: false, errorReason: "odd", extra: [1, "a\0b"] };
    expect((await logged({ raw })).facilitator_response).toEqual({ ...raw, extra: [1, "ab"] });
    expect((await logged({ raw: null })).facilitator_response).toBeNull();
  });

  it("keeps the beginning of an answer that is too long", async () => {
    const { facilitator_response: kept } = await logged({ raw: { text: "x".repeat(40_000) } });
    expect(Object.keys(kept)).toEqual(["beginning"]);
    expect(kept.beginning).toMatch(/^\{"text":"x+$/);
    expect(kept.beginning).toHaveLength(16_384);
  });

  it("holds no secret, and no detail without end", async () => {
    const { detail } = await logged({ detail: `Bearer abcdef said ${"y".repeat(2_000)}` });
    expect(detail).toMatch(/^Bearer \[redacted\] said y+$/);
    expect(detail.length).toBe(1_000);
  });

  it("cannot be changed or taken away by the application", async () => {
    const { number } = await logged({});
    const own = () => world.app.database("access_payment_log").where({ number });
    await expect(own().update({ event: "settled" })).rejects.toThrow(/permission denied|append-only/);
    await expect(own().delete()).rejects.toThrow(/permission denied|append-only/);
  });
});
