import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { findFailedPaymentsDue } from "../../../../../src/products/access/payments/doubt/finality-store.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { recordFailed } from "../../../../../src/products/access/payments/settlement/resolve-payment.ts";
import { evmMissing } from "../../../../support/evm.ts";
import type { Payer } from "../payment-world.ts";
import { type DoubtWorld, EVM, PRICE_UNITS } from "./doubt-world.ts";
import { useDoubtWorld } from "./use-doubt-world.ts";

describe.skipIf(evmMissing)("a payment that a facilitator called failed", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: DoubtWorld;
  const merchant = Wallet.createRandom().address;
  useDoubtWorld((used) => {
    ({ evm, payer, world } = used);
  });

  /** Twenty blocks, ten minutes apart. */
  const mineHours = () => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "anvil_mine", params: ["0x14", "0x258"] });
    return fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  };
  const look = (paymentId: string) => reconcilePayment(world.needs, { paymentId });
  const due = () => findFailedPaymentsDue(world.app.database, [{ id: EVM, seconds: 600 }]);
  const failed = async (payload: Awaited<ReturnType<typeof payer.sign>>, code: string) => {
    const { from, nonce } = payload.authorization;
    const facts = { network: EVM, payTo: merchant, payer: from, payloadKey: `${from}:${nonce}`.toLowerCase() };
    const { id } = await world.submit({ ...facts, payload: { ...payload } });
    await recordFailed(world.needs, { paymentId: id, code, detail: "It says so.", raw: null });
    return id;
  };
  const makeOld = (id: string) =>
    world.app.owner.raw(
      "UPDATE access_payments SET resolved_at = resolved_at - interval '1 hour', valid_until = now() - interval '1 hour' WHERE id = ?",
      [id],
    );

  it("buys what it was for when it lands after that all the same", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const id = await failed(payload, "simulation_failed");
    expect(await due()).toEqual([]);
    const transaction = await payer.submit(payload);
    await makeOld(id);
    expect(await due()).toEqual([`access-payment/${id}`]);
    expect(await look(id)).toMatchObject({ status: "settled", next: "done" });
    expect(await world.payment(id)).toMatchObject({ status: "settled", transaction });
  });

  it("is looked at while it can land, and never again once the chain's own clock has passed its time", async () => {
    const id = await failed(await payer.sign({ to: merchant, units: PRICE_UNITS }), "simulation_failed");
    expect(await look(id)).toMatchObject({ status: "failed", next: "wait" });
    await mineHours();
    expect(await look(id)).toMatchObject({ status: "failed", next: "done" });
    await makeOld(id);
    expect(await due()).toEqual([]);
  });

  it("is not looked at again where the chain itself proved the failure", async () => {
    const id = await failed(await payer.sign({ to: merchant, units: PRICE_UNITS }), "payment_expired");
    await makeOld(id);
    expect(await due()).toEqual([]);
  });
});
