import { describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import type { Reply } from "../../../../support/app.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import { encode, type Payer, type PaymentWorld, signV2 } from "../payment-world.ts";
import { usePaymentWorld } from "../use-payment-world.ts";

describe.skipIf(evmMissing)("PAY2 with a quote", () => {
  let evm: EvmPart;
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ evm, payer, world } = used);
  });

  const ask = (assetId: string, json: object = {}, headers: Record<string, string> = {}) =>
    world.app.call(`/api/v1/access/${assetId}`, { json, headers });
  const quoteIdOf = (required: Reply) => String(required.body.quoteId);
  const proven = async (required: Reply, signature: string) => {
    const quoteId = quoteIdOf(required);
    return pay2({ signature, quoteId, proof: await payer.signMessage(quoteId) });
  };

  it("grants what a transfer of the payer's own paid for, and the same again when asked again", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const required = await ask(assetId, { units: 3 });
    const header = await proven(required, await payer.pay({ to: wallet, units: 300_000n }));
    const granted = await ask(assetId, {}, header);
    expect(granted.body).toMatchObject({ status: "granted", units: 3 });
    const again = await ask(assetId, {}, header);
    expect(again.body).toMatchObject({ sessionToken: granted.body.sessionToken });
    expect(await world.sessions(assetId)).toHaveLength(1);
    expect(world.calls).toEqual({ verify: [], settle: [] });
  });

  it("X14: gives a stranger who harvested the transaction nothing, with the stranger's own quote and its secret", async () => {
    const { assetId, wallet } = await world.sellAsset();
    await ask(assetId);
    const signature = await payer.pay({ to: wallet, units: 100_000n });
    const theirs = await ask(assetId);
    const proof = String(theirs.body.quoteSecret);
    const stolen = await ask(assetId, {}, pay2({ signature, quoteId: quoteIdOf(theirs), proof }));
    expect(stolen.status).toBe(403);
    expect(stolen.body).toMatchObject({ code: "payment_not_proven" });
    expect(await world.rows(assetId)).toHaveLength(0);
  });

  it("X12: leaves what was sent beyond the price to the payer, and all of it where it is too little", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const over = await ask(assetId);
    const granted = await ask(assetId, {}, await proven(over, await payer.pay({ to: wallet, units: 170_000n })));
    expect(granted.body).toMatchObject({ status: "granted", units: 1 });
    expect(await world.rows(assetId)).toMatchObject([
      { amount_units: "100000", left_units: "70000", status: "settled" },
    ]);
    const poor = await world.sellAsset();
    const under = await ask(poor.assetId);
    const header = await proven(under, await payer.pay({ to: poor.wallet, units: 99_999n }));
    const unserved = await ask(poor.assetId, {}, header);
    expect(unserved.body).toMatchObject({ code: "paid_but_unserved", balance: "0.099999" });
    expect(await world.sessions(poor.assetId)).toHaveLength(0);
  });

  it("makes a transfer for an asset that is taken meanwhile the payer's balance", async () => {
    const { assetId, wallet } = await world.sellAsset();
    const required = await ask(assetId);
    const rival = await openEvmPayer(evm);
    await ask(assetId, {}, (await signV2(rival, await ask(assetId))).header);
    rival.close();
    const header = await proven(required, await payer.pay({ to: wallet, units: 100_000n }));
    expect((await ask(assetId, {}, header)).body).toMatchObject({ code: "paid_but_unserved", balance: "0.1" });
    expect((await ask(assetId, {}, header)).body).toMatchObject({ code: "paid_but_unserved" });
  });

  it("X02: counts a transfer once, for whichever quote it is shown", async () => {
    const { assetId, wallet, merchantId } = await world.sellAsset();
    const other = await world.sellAsset({ merchantId });
    const [one, two] = [await ask(assetId), await ask(other.assetId)];
    const signature = await payer.pay({ to: wallet, units: 100_000n });
    const headers = [await proven(one, signature), await proven(two, signature)];
    const [first, second] = [await ask(assetId, {}, headers[0]), await ask(other.assetId, {}, headers[1])];
    expect(first.status).toBe(200);
    expect(second.body).toMatchObject({ code: "payment_already_used" });
  });

  it("says that a transaction is not seen yet, and asks for the same request again instead of another payment", async () => {
    const { assetId } = await world.sellAsset();
    const header = await proven(await ask(assetId), `0x${"cd".repeat(32)}`);
    const reply = await ask(assetId, {}, header);
    expect(reply.body).toMatchObject({ code: "payment_not_seen" });
    expect(reply.headers.get("retry-after")).toBe("2");
  });

  it("refuses a transaction that paid somebody else, and the quote stays open", async () => {
    const { assetId } = await world.sellAsset();
    const required = await ask(assetId);
    const signature = await payer.pay({ to: world.sender.address, units: 100_000n });
    const reply = await ask(assetId, {}, await proven(required, signature));
    expect(reply.status).toBe(402);
    expect(reply.body).toMatchObject({ reason: "settlement_elsewhere" });
  });

  it("needs the quote it pays", async () => {
    const { assetId } = await world.sellAsset();
    const bare = await ask(assetId, {}, pay2({ signature: `0x${"cd".repeat(32)}` }));
    expect(bare.body).toMatchObject({ code: "bare_payment_refused" });
    const unknown = await ask(assetId, {}, pay2({ signature: `0x${"cd".repeat(32)}`, quoteId: "qte_0", proof: "x" }));
    expect(unknown.body).toMatchObject({ code: "quote_not_found" });
  });
});

function pay2(value: object) {
  return { "x-payment-authorization": `PAY2 ${encode(value)}` };
}
