import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { readPayerBalance } from "../../../../../src/products/access/fees/payer-balances.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { encode, type Payer, type PaymentWorld, signIn } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("a payer's balance at a merchant", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld(
    (used) => {
      ({ evm, payer, world } = used);
    },
    { PAY2_BARE: "true" },
  );

  const ask = (assetId: string, json: object = {}, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json, headers });
  const balanceAt = async (merchantId: string) =>
    (await readPayerBalance(world.app.database, { merchantId, kind: "evm", address: payer.address })).total;

  /** A merchant at which the payer has 9 cents, from a transfer that was too small for a minute. */
  const withBalance = async (units = 90_000n) => {
    const dear = await world.sellAsset({ price: "5000000000" });
    const signature = await payer.pay({ to: dear.wallet, units });
    const reply = await ask(dear.assetId, {}, { "x-payment-authorization": `PAY2 ${encode({ signature })}` });
    expect(reply.body).toMatchObject({ code: "paid_but_unserved" });
    const cheap = await world.sellAsset({ merchantId: dear.merchantId, price: "30000000" });
    return { ...dear, cheap: cheap.assetId };
  };

  it("buys time for the wallet that signs in, without a facilitator", async () => {
    const { merchantId, cheap } = await withBalance();
    const required = await ask(cheap, { units: 2 });
    const granted = await ask(cheap, { units: 2, payWith: "balance" }, await signIn(payer, required));
    expect(granted.body).toMatchObject({ status: "granted", units: 2 });
    expect(await balanceAt(merchantId)).toBe(30_000_000n);
    expect(world.calls).toEqual({ verify: [], settle: [] });
  });

  it("is never spent beyond what it is, nor for whoever does not prove the wallet", async () => {
    const { merchantId, cheap } = await withBalance();
    const required = await ask(cheap, { units: 4 });
    const body = { units: 4, payWith: "balance" };
    const tooSmall = await ask(cheap, body, await signIn(payer, required));
    expect(tooSmall.body).toMatchObject({ code: "balance_too_small", balance: "0.09", price: "0.12" });
    expect((await ask(cheap, body)).body).toMatchObject({ code: "sign_in_invalid" });
    const stranger = await openEvmPayer(evm);
    const theirs = await ask(cheap, body, await signIn(stranger, await ask(cheap)));
    stranger.close();
    expect(theirs.body).toMatchObject({ code: "balance_too_small", balance: "0" });
    expect(await balanceAt(merchantId)).toBe(90_000_000n);
  });

  it("is spent once by a request that is repeated under its key, which gets the first answer again", async () => {
    const { merchantId, cheap } = await withBalance();
    const body = { payWith: "balance" };
    const key = { "Idempotency-Key": "the-same-purchase-again" };
    const challenges = [await ask(cheap), await ask(cheap)];
    const [once, again] = await Promise.all(challenges.map((challenge) => signIn(payer, challenge)));
    const first = await ask(cheap, body, { ...key, ...once });
    const second = await ask(cheap, body, { ...key, ...again });
    expect(first.status).toBe(200);
    expect(second.body).toMatchObject({ sessionToken: first.body.sessionToken });
    expect(await balanceAt(merchantId)).toBe(60_000_000n);
  });

  it("pays for two assets at once only as far as it goes", async () => {
    const { merchantId, cheap } = await withBalance(40_000n);
    const other = (await world.sellAsset({ merchantId, price: "30000000" })).assetId;
    const headers = [await signIn(payer, await ask(cheap)), await signIn(payer, await ask(other))];
    const replies = await Promise.all(
      [cheap, other].map((assetId, place) => ask(assetId, { payWith: "balance" }, headers[place])),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await balanceAt(merchantId)).toBe(10_000_000n);
  });
});
