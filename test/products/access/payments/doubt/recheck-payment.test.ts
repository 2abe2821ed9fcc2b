import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { explainEntry } from "../../../../../src/ledger/explain.ts";
import { findPaymentsDueForFinality } from "../../../../../src/products/access/payments/doubt/finality-store.ts";
import { finalitySeconds } from "../../../../../src/products/access/payments/doubt/recheck-payment.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { findSession } from "../../../../../src/products/access/sessions/session-store.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { type EvmPayload, openEvmPayer } from "../../../../support/signed-transfers.ts";
import type { Payer } from "../payment-world.ts";
import { type DoubtWorld, EVM, PRICE_UNITS, SILENT } from "./doubt-world.ts";
import { useDoubtWorld } from "./use-doubt-world.ts";

describe.skipIf(evmMissing)("a payment that counted before its block was final", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: DoubtWorld;
  const merchant = Wallet.createRandom().address;
  const networks = [{ id: EVM, seconds: finalitySeconds({ finalityBlocks: 12, blockTimeSeconds: 1 }) }];
  useDoubtWorld((used) => {
    ({ evm, payer, world } = used);
  });

  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    return Object(await response.json()).result;
  };
  const look = (paymentId: string) => reconcilePayment(world.needs, { paymentId });
  const due = () => findPaymentsDueForFinality(world.app.database, networks);
  /** Pays, is settled, and its resolution is so long ago that its block should be final. */
  const settle = async (payload: EvmPayload) => {
    const { from, nonce } = payload.authorization;
    const transaction = await payer.submit(payload);
    const facts = { network: EVM, payTo: merchant, payer: from, payloadKey: `${from}:${nonce}`.toLowerCase() };
    const { id } = await world.submit({ ...facts, payload: { ...payload } });
    await world.age(id, 20);
    expect(await look(id)).toMatchObject({ status: "settled", next: "done" });
    return { id, transaction };
  };
  const ageResolution = (id: string, seconds = 60) =>
    world.app.owner.raw(
      "UPDATE access_payments SET resolved_at = resolved_at - make_interval(secs => ?) WHERE id = ?",
      [seconds, id],
    );

  it("is looked at once more when its block should be final, and never again", async () => {
    const { id } = await settle(await payer.sign({ to: merchant, units: PRICE_UNITS }));
    expect(await look(id)).toMatchObject({ next: "done", status: "settled" });
    expect(await due()).toEqual([]);
    await ageResolution(id);
    expect(await due()).toEqual([`access-payment/${id}`]);
    expect(await look(id)).toMatchObject({ next: "wait", details: expect.stringContaining("not final yet") });
    await evm.mine(12);
    expect(await look(id)).toMatchObject({ next: "done", details: expect.stringContaining("is final") });
    expect(await due()).toEqual([]);
    expect(await look(id)).toMatchObject({ next: "done" });
  });

  it("is asked for again when a reorganisation took it, and counts by the transaction that brings it back", async () => {
    const before = await ask("evm_snapshot", []);
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const { id, transaction } = await settle(payload);
    await ask("evm_revert", [before]);
    await ageResolution(id);
    const other = await openEvmPayer(evm);
    let again = "";
    world.facilitator.settle = async () => {
      again = await other.submit(payload);
      return SILENT;
    };
    expect(await look(id)).toMatchObject({ next: "wait", status: "settled" });
    expect(again).not.toBe(transaction);
    expect(await look(id)).toMatchObject({ next: "wait", details: expect.stringContaining(again) });
    expect(await world.payment(id)).toMatchObject({ transaction: again });
    await evm.mine(12);
    expect(await look(id)).toMatchObject({ next: "done", details: expect.stringContaining("is final") });
    expect((await world.log(id)).map(({ event }) => event)).toEqual(["settled", "vanished", "asked_again"]);
    other.close();
  });

  it("is reversed once the chain proves that it can land no more: time, sale and standing, exactly once", async () => {
    payer.close();
    payer = await openEvmPayer(evm);
    world.facilitator.settle = async () => SILENT;
    const before = await ask("evm_snapshot", []);
    const validBefore = BigInt(Math.floor(Date.now() / 1000) + 3_600);
    const { id } = await settle(await payer.sign({ to: merchant, units: PRICE_UNITS, validBefore }));
    const { sessionId } = await world.payment(id);
    await ask("evm_revert", [before]);
    await ageResolution(id);
    await ask("anvil_mine", ["0x2", "0x2000"]);
    expect(await look(id)).toMatchObject({
      status: "settled",
      next: "wait",
      details: expect.stringContaining("can still"),
    });
    await evm.mine(12);
    for (const _ of [1, 2]) expect(await look(id)).toMatchObject({ status: "reversed", next: "done" });
    expect((await world.log(id)).map(({ event, code }) => [event, code])).toEqual([
      ["settled", null],
      ["vanished", "payment_vanished"],
      ["asked_again", "not_sent"],
      ["reversed", "payment_vanished"],
    ]);
    expect(await findSession(world.app.database, sessionId ?? "")).toMatchObject({ status: "revoked" });
    expect(await explainEntry(world.app.database, `access-payment:${id}`)).toMatchObject({
      reversedBy: expect.stringMatching(/^je_/),
    });
    expect(await due()).toEqual([]);
  });
});
