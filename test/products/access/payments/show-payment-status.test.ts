import { describe, expect, it } from "vitest";
import { showPaymentStatus } from "../../../../src/products/access/payments/show-payment-status.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type Payer, type PaymentWorld, signV2 } from "./payment-world.ts";
import { usePaymentWorld } from "./use-payment-world.ts";

describe.skipIf(evmMissing)("what became of a payment", () => {
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ payer, world } = used);
  });

  it("shows the token by the payer's handle while the session lives, and by the id alone never", async () => {
    const { assetId } = await world.sellAsset();
    const ask = (headers: Record<string, string> = {}) =>
      world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
    const { body } = await ask((await signV2(payer, await ask())).header);
    const handle = String(body.statusUrl).split("/").at(-1) ?? "";
    expect(await showPaymentStatus(world.needs, handle)).toMatchObject({
      sessionToken: body.sessionToken,
      status: "granted",
    });
    const bare = await showPaymentStatus(world.needs, String(body.paymentId));
    expect(bare).toMatchObject({ status: "granted", sessionToken: null, receipt: null });
    await world.app
      .owner("access_sessions")
      .where("asset_id", assetId)
      .update({ status: "stopped", ended_at: new Date() });
    expect(await showPaymentStatus(world.needs, handle)).toMatchObject({ sessionToken: null, receipt: body.receipt });
  });

  it("is nothing for a handle that names no payment", async () => {
    for (const handle of ["apy_none", "x", "apy_0.AAAA"]) {
      await expect(showPaymentStatus(world.needs, handle)).rejects.toMatchObject({ code: "payment_not_found" });
    }
    expect((await world.app.call("/api/v1/access/payments/apy_none")).status).toBe(404);
  });
});
