import { afterAll, beforeAll, expect, it } from "vitest";
import { readBalance } from "../../../../../src/ledger/balances.ts";
import { type AccountName, parseAccountName } from "../../../../../src/ledger/chart-of-accounts.ts";
import { explainEntry } from "../../../../../src/ledger/explain.ts";
import { reversePayment } from "../../../../../src/products/access/payments/doubt/reverse-payment.ts";
import { recordSettled } from "../../../../../src/products/access/payments/settlement/resolve-payment.ts";
import { answerPayment } from "../../../../../src/products/access/payments/taking/answer-payment.ts";
import { findSession } from "../../../../../src/products/access/sessions/session-store.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

let count = 0;
const submit = () => {
  count += 1;
  const key = `0x${count}`;
  return world.submit({
    ...{ network: EVM, payTo: "0xTo", payer: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" },
    ...{ payload: null, payloadKey: key, transaction: key },
  });
};
const settle = ({ id, transaction }: { readonly id: string; readonly transaction: string | null }) =>
  recordSettled(world.needs, { paymentId: id, transaction: transaction ?? "", raw: null });
const reverse = (paymentId: string) =>
  reversePayment(world.needs, { paymentId, code: "payment_vanished", detail: "Gone.", raw: null });
const explain = (key: string) => explainEntry(world.app.database, key);
const balanceOf = async (merchantId: string) => {
  const row: { account: string } = await world.app
    .owner("access_payer_balances")
    .where({ merchant_id: merchantId })
    .first();
  const account: AccountName = parseAccountName(row.account);
  return (await readBalance(world.app.database, account)).available;
};

it("takes sale, time and standing back once, however many ask at the same time, and tells the merchant", async () => {
  const { id, sessionId, merchantId } = await settle(await submit());
  const answers = await Promise.all(Array.from({ length: 8 }, () => reverse(id)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["reversed"]));
  expect(await findSession(world.app.database, sessionId ?? "")).toMatchObject({ status: "revoked" });
  expect(await world.rows.told(merchantId)).toEqual([
    ...["session.started", "payment.settled", "session.revoked", "payment.reversed"],
  ]);
  expect((await explain(`access-payment:${id}`)).reversedBy).not.toBeNull();
  await expect(answerPayment(world.needs, await world.payment(id))).rejects.toMatchObject({ code: "payment_reversed" });
});

it("credits its payer when the tokens moved after all: it is never sold a second time", async () => {
  const submitted = await submit();
  const { id, merchantId, gross } = await settle(submitted);
  await reverse(id);
  expect(await settle(submitted)).toMatchObject({ status: "unserved" });
  expect(await settle(submitted)).toMatchObject({ status: "unserved" });
  expect(await balanceOf(merchantId)).toBe(gross);
  expect(await reverse(id)).toMatchObject({ status: "reversed" });
  expect(await balanceOf(merchantId)).toBe(0n);
});

it("changes nothing of a payment that does not count", async () => {
  const { id } = await submit();
  expect(await reverse(id)).toMatchObject({ status: "submitted" });
  await expect(reverse("apy_unknown")).rejects.toMatchObject({ code: "payment_not_found" });
});

it("never becomes a sale again, whoever writes the row", async () => {
  const { id } = await settle(await submit());
  await reverse(id);
  for (const status of ["settled", "failed"])
    await expect(world.app.owner("access_payments").where({ id }).update({ status })).rejects.toMatchObject({
      code: "23514",
    });
});
