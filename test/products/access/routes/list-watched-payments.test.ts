import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { evmMissing } from "../../../support/evm.ts";
import type { EvmPayload } from "../../../support/signed-transfers.ts";
import { type DoubtWorld, EVM, PRICE_UNITS } from "../payments/doubt/doubt-world.ts";
import { useDoubtWorld } from "../payments/doubt/use-doubt-world.ts";
import type { Payer } from "../payments/payment-world.ts";

describe.skipIf(evmMissing)("GET /admin/access/payments", () => {
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
  const list = (query: string) => world.app.call(`/admin/access/payments${query}`, { key: ADMIN_TOKEN });

  it("lists what is in doubt, oldest first, with the facilitator's words and what to do, page by page", async () => {
    const ids: string[] = [];
    for (const answer of [{ success: false, errorReason: "odd" }, { success: false }]) {
      const payment = await submit(await payer.sign({ to: merchant, units: PRICE_UNITS }));
      const { id, merchantId: merchant_id, assetId: asset_id } = payment;
      ids.push(id);
      await world.app.owner("access_payments").where({ id }).update({ status: "unknown" });
      await world.app.owner("access_payment_log").insert({
        ...{ payment_id: id, merchant_id, asset_id, event: "unknown", code: "odd", detail: "It is odd." },
        facilitator_response: JSON.stringify(answer),
      });
    }
    const parked = {
      subject: `access-payment/${ids[1]}`,
      step: "s",
      code: "payment_in_doubt",
      reason: "r",
      next_action: "n",
    };
    await world.app.owner("parked_workflows").insert({ ...parked, since: new Date() });
    const first = await list("?limit=1");
    expect(first.body).toMatchObject({
      payments: [
        {
          ...{ id: ids[0], status: "unknown", amount: "0.5", code: "odd", detail: "It is odd.", needsReview: false },
          facilitatorAnswer: { success: false, errorReason: "odd" },
        },
      ],
      nextCursor: ids[0],
    });
    const second = await list(`?status=unknown&cursor=${ids[0]}`);
    expect(second.body).toMatchObject({ payments: [{ id: ids[1], needsReview: true }], nextCursor: null });
    expect(JSON.stringify(second.body)).toContain("recordSettled");
    expect((await list("?status=settled")).status).toBe(400);
    expect((await world.app.call("/admin/access/payments")).status).toBe(401);
  });
});
