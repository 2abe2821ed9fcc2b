import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { payerAccount } from "../../../../src/products/access/fees/payer-balances.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { openEvmPayer } from "../../../support/signed-transfers.ts";
import { register } from "../access-app.ts";
import { EVM, encode, type Payer, type PaymentWorld, startPaymentWorld } from "../payments/payment-world.ts";

const Refunds = z.object({
  refunds: z.array(
    z.object({
      ...{ id: z.string(), payer: z.string(), amount: z.string(), since: z.string() },
      causes: z.array(z.object({ paymentId: z.string(), reason: z.string(), amount: z.string() })),
    }),
  ),
});

describe.skipIf(evmMissing)("money that a merchant gives back", { timeout: 120_000 }, () => {
  let evm: EvmPart;
  let world: PaymentWorld;
  let payer: Payer;
  let till: Payer;
  beforeAll(async () => {
    evm = await startTestEvm();
    world = await startPaymentWorld(evm, { PAY2_BARE: "true" });
    payer = await openEvmPayer(evm);
    till = await openEvmPayer(evm);
  });
  afterAll(async () => {
    payer?.close();
    till?.close();
    await world?.close();
    await evm?.stop();
  });

  /** A merchant that has `units` of the payer's which bought nothing, or less than they would have. */
  async function owing(units: bigint) {
    const { id, key } = await register(world.app, { walletAddress: till.address });
    const { assetId } = await world.sellAsset({ merchantId: id, wallet: till.address });
    const signature = await payer.pay({ to: till.address, units });
    const headers = { "x-payment-authorization": `PAY2 ${encode({ signature })}` };
    await world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
    const due = async () => {
      const { body } = await world.app.call("/api/v1/merchant/refunds-due", { key });
      return Refunds.parse(body.data).refunds;
    };
    const [first] = await due();
    if (first === undefined) throw new Error("nothing is due");
    const paid = (transaction: string, network = EVM, from = key) =>
      world.app.call(`/api/v1/merchant/refunds-due/${first.id}/paid`, {
        key: from,
        json: { network, transaction },
      });
    return { merchantId: id, key, signature, due, first, paid };
  }
  const leftOf = async (merchantId: string) => {
    const account = payerAccount({ merchantId, kind: "evm", address: payer.address, mode: "direct" });
    return (await readBalance(world.app.context.database, account)).available;
  };
  const owedBy = async (merchantId: string) => {
    const name = accounts.refundsReceivable(merchantId);
    const { rows } = await world.app.owner.raw(
      "SELECT b.balance FROM account_balances b JOIN accounts a ON a.id = b.account_id WHERE a.name = ?",
      [name],
    );
    return BigInt(rows[0]?.balance ?? 0);
  };

  it("is shown with its payer, since when and the payment it came from, and the merchant is told once", async () => {
    const { merchantId, first } = await owing(99_000n);
    const [payment] = await world.app.owner("access_payments").where("merchant_id", merchantId);
    expect(first).toMatchObject({ payer: payer.address, amount: "0.099" });
    expect(first.causes).toEqual([
      expect.objectContaining({ paymentId: payment.id, reason: "unserved_payment", amount: "0.099" }),
    ]);
    expect(Date.parse(first.since)).toBe(payment.resolved_at.getTime());
    const events = await world.app.owner("access_events").where({ merchant_id: merchantId, type: "refund.due" });
    expect(events.map(({ data }) => data)).toEqual([
      { paymentId: payment.id, payer: payer.address, reason: "unserved_payment", amount: "0.099" },
    ]);
  });

  it("is booked once when the chain shows it, however often it is said, and is due no more", async () => {
    const { merchantId, due, paid } = await owing(99_000n);
    expect(await owedBy(merchantId)).toBe(99_000_000n);
    const transaction = await till.pay({ to: payer.address, units: 99_000n });
    const said = await Promise.all([1, 2, 3].map(() => paid(transaction)));
    expect(said.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(said.map(({ body }) => JSON.stringify(body.data))).size).toBe(1);
    expect(said[0]?.body.data).toMatchObject({ amount: "0.099", payer: payer.address.toLowerCase(), transaction });
    expect([await leftOf(merchantId), await owedBy(merchantId), await due()]).toEqual([0n, 0n, []]);
    expect((await paid(transaction)).status).toBe(200);
    const other = await till.pay({ to: payer.address, units: 99_000n });
    expect((await paid(other)).body).toMatchObject({ status: 409, code: "refund_not_due" });
  });

  it("counts as much as arrived, and never more than was due", async () => {
    const { merchantId, paid } = await owing(1_050_000n);
    expect(await leftOf(merchantId)).toBe(50_000_000n);
    const part = await paid(await till.pay({ to: payer.address, units: 20_000n }));
    expect(part.body.data).toMatchObject({ amount: "0.02" });
    const rest = await paid(await till.pay({ to: payer.address, units: 900_000n }));
    expect(rest.body.data).toMatchObject({ amount: "0.03", amountUnits: "900000" });
    expect(await leftOf(merchantId)).toBe(0n);
  });

  it("is not a payer's own income, another's money, a payment or a transaction of before", async () => {
    const early = await till.pay({ to: payer.address, units: 99_000n });
    const { merchantId, signature, paid } = await owing(99_000n);
    const stranger = await openEvmPayer(evm);
    const wrong = {
      refund_not_proven: [
        await stranger.pay({ to: payer.address, units: 99_000n }),
        await till.pay({ to: stranger.address, units: 99_000n }),
        signature,
      ],
      refund_not_seen: [`0x${"ab".repeat(32)}`],
    };
    stranger.close();
    for (const [code, transactions] of Object.entries(wrong))
      for (const transaction of transactions) expect((await paid(transaction)).body.code).toBe(code);
    expect((await paid("0x12")).status).toBe(400);
    expect((await paid(early, "mars")).body.code).toBe("network_not_offered");
    expect(await leftOf(merchantId)).toBe(99_000_000n);
  });

  it("never also pays for what the payer sells, whichever is said first, nor is a signed payment one", async () => {
    const { merchantId, paid } = await owing(99_000n);
    const { assetId } = await world.sellAsset({ wallet: payer.address });
    const show = (signature: string) => {
      const headers = { "x-payment-authorization": `PAY2 ${encode({ signature })}` };
      return world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
    };
    const transaction = await till.pay({ to: payer.address, units: 20_000n });
    expect((await paid(transaction)).status).toBe(200);
    expect((await show(transaction)).body).toMatchObject({ status: 422, reason: "transfer_is_refund" });
    const spent = await till.pay({ to: payer.address, units: 20_000n });
    expect((await show(spent)).body).toMatchObject({ code: "paid_but_unserved" });
    expect((await paid(spent)).body).toMatchObject({ code: "refund_transaction_used" });
    const raced = await till.pay({ to: payer.address, units: 20_000n });
    const [refund, claim] = await Promise.all([paid(raced), show(raced)]);
    expect([refund.status === 200, claim.body.code === "paid_but_unserved"].filter(Boolean)).toHaveLength(1);
    const signed = await till.submit(await till.sign({ to: payer.address, units: 20_000n }));
    expect((await paid(signed)).body).toMatchObject({ code: "refund_not_proven" });
    expect(await leftOf(merchantId)).toBe(refund.status === 200 ? 59_000_000n : 79_000_000n);
  });

  it("belongs to one merchant: another's is not found, and one transaction counts once among those that share a wallet", async () => {
    const [one, two] = [await owing(99_000n), await owing(99_000n)];
    const transaction = await till.pay({ to: payer.address, units: 99_000n });
    expect((await one.paid(transaction, EVM, two.key)).body.code).toBe("refund_due_not_found");
    expect((await one.paid(transaction)).status).toBe(200);
    expect((await two.paid(transaction)).body).toMatchObject({ status: 409, code: "refund_transaction_used" });
    expect(await leftOf(two.merchantId)).toBe(99_000_000n);
  });
});
