import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { evmMissing } from "../../../support/evm.ts";
import type { EvmPayload } from "../../../support/signed-transfers.ts";
import { type DoubtWorld, EVM, PRICE_UNITS } from "../payments/doubt/doubt-world.ts";
import { useDoubtWorld } from "../payments/doubt/use-doubt-world.ts";
import type { Payer } from "../payments/payment-world.ts";

describe.skipIf(evmMissing)("POST /admin/access/payments/:id/repairs", () => {
  let payer: Payer;
  let world: DoubtWorld;
  const merchant = Wallet.createRandom().address;
  useDoubtWorld((used) => {
    ({ payer, world } = used);
  });

  const submit = (payload: EvmPayload) => {
    const { from, nonce } = payload.authorization;
    const key = `${from}:${nonce}`.toLowerCase();
    return world.submit({ network: EVM, payTo: merchant, payer: from, payloadKey: key, payload: { ...payload } });
  };
  const repair = (id: string, json: object) =>
    world.app.call(`/admin/access/payments/${id}/repairs`, { key: ADMIN_TOKEN, json });
  const list = (query: string) => world.app.call(`/admin/access/payments${query}`, { key: ADMIN_TOKEN });
  const signed = { actor: "operations", note: "a customer asked" };

  it("records a payment as settled only by the transaction that made it, once per request id", async () => {
    const payload = await payer.sign({ to: merchant, units: PRICE_UNITS });
    const foreign = await payer.submit(await payer.sign({ to: merchant, units: PRICE_UNITS }));
    const payment = await submit(payload);
    const transaction = await payer.submit(payload);
    const wrong = { ...signed, requestId: `${payment.id}-1`, action: "recordSettled", transaction: foreign };
    const refused = await repair(payment.id, wrong);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "settlement_not_proven", reason: "settlement_foreign" },
    });
    expect(await world.payment(payment.id)).toMatchObject({ status: "submitted" });
    const right = { ...wrong, requestId: `${payment.id}-2`, transaction };
    expect((await repair(payment.id, { ...right, dryRun: true })).body).toMatchObject({ data: { status: "settled" } });
    expect(await world.payment(payment.id)).toMatchObject({ status: "submitted" });
    const answers = await Promise.all([repair(payment.id, right), repair(payment.id, right)]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    expect(answers[0]?.body).toMatchObject({ data: { status: "settled", transaction } });
    expect(await world.payment(payment.id)).toMatchObject({ status: "settled", transaction });
    expect((await list("?status=submitted")).body.payments).toEqual([]);
  });

  it("records a payment as failed only when the chain proves that it cannot land", async () => {
    const alive = await submit(await payer.sign({ to: merchant, units: PRICE_UNITS }));
    const dead = await submit(await payer.sign({ to: merchant, units: PRICE_UNITS, validBefore: 1n }));
    const fail = (id: string) => repair(id, { ...signed, requestId: `${id}-failed`, action: "recordFailed" });
    expect(await fail(alive.id)).toMatchObject({
      status: 409,
      body: { code: "settlement_not_proven", reason: "open" },
    });
    expect((await fail(dead.id)).body).toMatchObject({ data: { status: "failed", failureCode: "payment_expired" } });
    const failed = await list("?status=failed");
    expect(failed.body.payments).toMatchObject([{ id: dead.id, code: "payment_expired" }]);
    expect(await world.payment(alive.id)).toMatchObject({ status: "submitted" });
  });

  it("says what is wrong with a repair, and everything that was done is written down", async () => {
    const payment = await submit(await payer.sign({ to: merchant, units: PRICE_UNITS }));
    const again = { ...signed, requestId: `${payment.id}-again`, action: "lookAgain" };
    expect((await repair(payment.id, { ...again, action: "forgive" })).status).toBe(400);
    expect((await repair("apy_none", again)).body).toMatchObject({ code: "payment_not_found" });
    expect((await repair(payment.id, again)).status).toBe(200);
    const written = await world.app.owner("operator_actions").where("subject", `access-payment/${payment.id}`);
    expect(written).toMatchObject([{ action: "lookAgain", actor: "operations", note: "a customer asked" }]);
    expect(await world.rows.wakes()).toContain(`access-payment/${payment.id}`);
  });
});
