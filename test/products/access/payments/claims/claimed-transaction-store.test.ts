import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WireObject } from "../../../../../src/integrations/x402/facilitator.ts";
import { findPaymentByTransaction } from "../../../../../src/products/access/payments/claims/claimed-transaction-store.ts";
import { EVM, SOLANA, startDoubtWorld } from "../doubt/doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

const submit = (network: string, payload: WireObject | null, transaction: string) =>
  world.submit({ network, payTo: "0xTo", payer: "0xFrom", payload, payloadKey: crypto.randomUUID(), transaction });
const find = (network: string, transaction: string) =>
  findPaymentByTransaction(world.app.database, { network, transaction });

describe("the payment that a transaction is by itself", () => {
  it("is a PAY2 payment or one on Solana, and no other has that transaction", async () => {
    for (const [network, payload] of [
      [EVM, null],
      [SOLANA, null],
      [SOLANA, {}],
    ] as const) {
      const transaction = crypto.randomUUID();
      const { id } = await submit(network, payload, transaction);
      expect(await find(network, transaction)).toMatchObject({ id });
      const again = submit(network, null, transaction);
      await expect(again).rejects.toMatchObject({ constraint: "access_payments_transaction" });
    }
  });

  it("is none of the signed payments that an EVM transaction has, however many these are", async () => {
    const transaction = crypto.randomUUID();
    await submit(EVM, {}, transaction);
    await submit(EVM, {}, transaction);
    expect(await find(EVM, transaction)).toBeNull();
    const claimed = await submit(EVM, null, transaction);
    expect(await find(EVM, transaction)).toMatchObject({ id: claimed.id });
  });
});
