import { describe, expect, it } from "vitest";
import { evmMissing } from "../../../../support/evm.ts";
import { encode, type Payer, type PaymentWorld } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("PAY2 as seed 001 shows it", () => {
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld(
    (used) => {
      ({ payer, world } = used);
    },
    { PAY2_BARE: "true" },
  );

  const show = (assetId: string, signature: string) =>
    world.app.call(`/api/v1/access/${assetId}`, {
      json: {},
      headers: { "x-payment-authorization": `PAY2 ${encode({ signature })}` },
    });

  it("buys as many units as were paid for, leaves the rest to the payer, and is taken once", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const transaction = await payer.pay({ to: wallet, units: 1_050_000n });
    const granted = await show(assetId, transaction);
    expect(granted.body).toMatchObject({ status: "granted", units: 10, minutesPurchased: 10, transaction });
    expect(await world.rows(assetId)).toMatchObject([{ amount_units: "1000000", left_units: "50000" }]);
    expect((await show(assetId, transaction)).body).toMatchObject({ code: "payment_already_used" });
  });

  it("sells nothing for less than one unit, and keeps none of it", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const reply = await show(assetId, await payer.pay({ to: wallet, units: 99_000n }));
    expect(reply.body).toMatchObject({ code: "paid_but_unserved", balance: "0.099" });
  });

  it("refuses a transaction that did not pay this merchant", async () => {
    const { assetId } = await world.sellAsset();
    const reply = await show(assetId, await payer.pay({ to: world.sender.address, units: 100_000n }));
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ code: "transfer_refused", reason: "settlement_elsewhere" });
  });
});
