import { describe, expect, it } from "vitest";
import { isSignedBy } from "../../../../../src/products/access/payments/claims/known-claim.ts";
import { reconcilePayment } from "../../../../../src/products/access/payments/doubt/reconcile-payment.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { encode, type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("a claim of money that is written down already", () => {
  let world: PaymentWorld;
  let payer: Payer;
  usePaymentWorld((used) => {
    ({ world, payer } = used);
  });

  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const claim = async (quoteId: string, signature: string) => {
    const proof = await payer.signMessage(quoteId);
    return { "x-payment-authorization": `PAY2 ${encode({ signature, quoteId, proof })}` };
  };

  it("is answered with the session that the signed payment bought, for its quote, and refused for another", async () => {
    const { assetId, merchantId } = await world.sellAsset();
    const other = await world.sellAsset({ merchantId });
    const required = await ask(assetId);
    const { header } = await signV2(payer, required);
    const { body } = await ask(assetId, header);
    const again = await ask(assetId, await claim(String(required.body.quoteId), String(body.transaction)));
    expect(again.body).toMatchObject({ status: "granted", sessionToken: body.sessionToken });
    const { quoteId } = (await ask(other.assetId)).body;
    const elsewhere = await ask(other.assetId, await claim(String(quoteId), String(body.transaction)));
    expect(elsewhere.body).toMatchObject({ code: "payment_already_used" });
  });

  it("X02: has the signed payment looked for again that counts as failed, and is answered with it", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const { header, payload } = await signV2(payer, required);
    const failed = {
      kind: "failed",
      code: "refused",
      detail: "It did not like it.",
      reason: "refused",
      raw: null,
    } as const;
    world.behaviour.settle = async () => failed;
    expect((await ask(assetId, header)).status).toBe(402);
    const claimed = await claim(String(required.body.quoteId), await payer.submit(payload));
    expect((await ask(assetId, claimed)).body).toMatchObject({ code: "payment_not_seen" });
    const [row, ...more] = await world.rows(assetId);
    expect([row.status, more]).toEqual(["failed", []]);
    expect(await world.app.owner("wakes").where({ subject: `access-payment/${row.id}` })).toHaveLength(1);
    expect(await reconcilePayment(world.needs, { paymentId: row.id })).toMatchObject({ status: "settled" });
    expect((await ask(assetId, claimed)).body).toMatchObject({ status: "granted", paymentId: row.id });
  });

  it("is proven by the payer's signature over the very quote it names", async () => {
    const proof = await payer.signMessage("qte_1");
    const claimed = { dialect: "pay2", transaction: "0x1", quoteId: "qte_1", proof } as const;
    const expected = { payer: payer.address, quoteId: "qte_1" };
    expect(isSignedBy(claimed, expected)).toBe(true);
    expect(isSignedBy(claimed, { ...expected, quoteId: "qte_2" })).toBe(false);
    expect(isSignedBy({ ...claimed, proof: null }, expected)).toBe(false);
    expect(isSignedBy(claimed, { ...expected, payer: world.sender.address })).toBe(false);
  });
});
