import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { X402Network } from "../../../../../src/integrations/x402/networks.ts";
import { evmMissing } from "../../../../support/evm.ts";
import { solanaMissing } from "../../../../support/solana.ts";
import { addAsset, register } from "../../access-app.ts";
import { encode } from "../payment-world.ts";
import {
  offersBy,
  payloadOf,
  startEvmTwins,
  startSolanaTwins,
  startTwoNetworks,
  type TwoNetworks,
} from "../two-networks-world.ts";

const PRICE = 100_000n;
const kinds = [
  { name: "EVM", missing: evmMissing, start: startEvmTwins },
  { name: "Solana", missing: solanaMissing, start: startSolanaTwins },
];

describe.each(kinds)("a payment signed for one $name network", ({ missing, start }) => {
  describe.skipIf(missing)("and shown for another", () => {
    let world: TwoNetworks;
    let key: string;

    beforeAll(async () => {
      world = await startTwoNetworks(await start());
      ({ key } = await register(world.app, { walletAddress: world.twins.wallet }));
    }, 120_000);
    afterEach(() => {
      world.payai.fail("/verify", null);
      world.payai.fail("/settle", null);
    });
    afterAll(() => world?.close());

    const ask = (assetId: string, headers: Record<string, string> = {}) =>
      world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
    const sell = async () => (await addAsset(world.app, { key })).id;
    const settlesAsked = () => world.payai.calls.filter(({ path }) => path === "/settle").length;

    /** An unpaid request, a payment of its offer on the first network, and that payment in the envelope of any other terms. */
    async function signFirst(x402Version: 1 | 2, assetId: string) {
      const required = await ask(assetId);
      const offers = offersBy(x402Version, required);
      const payload = payloadOf(await world.twins.sign(x402Version, offers(world.first)));
      const second = (accepted: object) => ({ "PAYMENT-SIGNATURE": encode({ x402Version: 2, accepted, payload }) });
      const first = ({ v1Name: network }: X402Network) => ({
        "X-PAYMENT": encode({ x402Version: 1, scheme: "exact", network, payload }),
      });
      return { required, offers, second, first };
    }

    /** Frees the asset, so that nothing but the payment itself keeps it from being used again. */
    async function buyAndStop(assetId: string, headers: Record<string, string>) {
      const granted = await ask(assetId, headers);
      expect(granted).toMatchObject({ status: 200, body: { network: world.first.caip2 } });
      await world.app.call(`/api/v1/sessions/${granted.body.sessionToken}`, { method: "DELETE" });
    }

    it("X03: v2, with the quote's other offer or its network member edited, moves nothing before it is used nor after", async () => {
      const assetId = await sell();
      const { offers, second } = await signFirst(2, assetId);
      const edited = { ...offers(world.first), network: world.second.caip2 };
      const swapped = [second(offers(world.second)), second(edited)];
      const before = await world.received();
      for (const headers of swapped) {
        const refused = await ask(assetId, headers);
        expect(refused.status).toBe(402);
        expect(String(refused.body.reason)).toMatch(/^(signature_invalid|simulation_failed|payload_invalid)$/);
      }
      expect([await world.received(), await world.sessions(assetId)]).toEqual([before, []]);
      await buyAndStop(assetId, second(offers(world.first)));
      const settles = settlesAsked();
      for (const headers of swapped) expect((await ask(assetId, headers)).status).toBe(402);
      world.payai.fail("/verify", { kind: "answer", status: 200, body: '{"isValid":true}' });
      for (const headers of swapped)
        expect(await ask(assetId, headers)).toMatchObject({ status: 409, body: { code: "quote_already_paid" } });
      expect(settlesAsked()).toBe(settles);
      expect(await world.received()).toEqual([before[0] + PRICE, before[1]]);
      expect(await world.sessions(assetId)).toHaveLength(1);
    });

    it("X03: v1, by the other network's name, is refused and buys once under its own", async () => {
      const assetId = await sell();
      const { first } = await signFirst(1, assetId);
      const before = await world.received();
      const refused = await ask(assetId, first(world.second));
      expect(refused.status).toBe(402);
      expect(String(refused.body.reason)).toMatch(/^(payment_signature_invalid|simulation_failed)$/);
      expect(refused.headers.get("x-payment-response")).not.toBeNull();
      expect([await world.received(), await world.sessions(assetId)]).toEqual([before, []]);
      await buyAndStop(assetId, first(world.first));
      const again = await ask(assetId, first(world.second));
      expect([402, 409]).toContain(again.status);
      expect(await world.received()).toEqual([before[0] + PRICE, before[1]]);
      expect(await world.sessions(assetId)).toHaveLength(1);
    });

    it("X03, X06: that a facilitator calls settled by a transaction of the first network stays in doubt, and grants nothing", async () => {
      const assetId = await sell();
      const { offers, second } = await signFirst(2, assetId);
      const transaction = await world.twins.pay(PRICE);
      const before = await world.received();
      const settled = { success: true, transaction, network: world.second.caip2 };
      world.payai.fail("/verify", { kind: "answer", status: 200, body: '{"isValid":true}' });
      world.payai.fail("/settle", { kind: "answer", status: 200, body: JSON.stringify(settled) });
      const swapped = second(offers(world.second));
      expect(await ask(assetId, swapped)).toMatchObject({ status: 202, body: { status: "pending" } });
      expect((await ask(assetId, swapped)).status).toBe(202);
      const own = await ask(assetId, second(offers(world.first)));
      expect(own).toMatchObject({ status: 409, body: { code: "asset_busy" } });
      expect([await world.received(), await world.sessions(assetId)]).toEqual([before, []]);
    });

    it("X02, X03: in ten parallel requests, every second for the other network, buys once and on its own", async () => {
      const assetId = await sell();
      const { offers, second } = await signFirst(2, assetId);
      const before = await world.received();
      const [own, swapped] = [second(offers(world.first)), second(offers(world.second))];
      const shown = Array.from({ length: 10 }, (_, index) => ask(assetId, index % 2 === 0 ? own : swapped));
      const statuses = (await Promise.all(shown)).map(({ status }) => status);
      expect(statuses.filter((_, index) => index % 2 === 0)).toEqual([200, 200, 200, 200, 200]);
      for (const status of statuses.filter((_, index) => index % 2 === 1)) expect([402, 409]).toContain(status);
      expect(await world.received()).toEqual([before[0] + PRICE, before[1]]);
      expect(await world.sessions(assetId)).toHaveLength(1);
    });

    it("X03: quoted for one asset buys nothing of another at the same price", async () => {
      const [assetId, other] = [await sell(), await sell()];
      const before = await world.received();
      const { offers, second } = await signFirst(2, assetId);
      const elsewhere = await ask(other, second(offers(world.first)));
      expect(elsewhere).toMatchObject({ status: 402, body: { reason: "quote_for_something_else" } });
      expect([await world.received(), await world.sessions(other)]).toEqual([before, []]);
      await buyAndStop(assetId, second(offers(world.first)));
      expect((await ask(other, second(offers(world.first)))).body).toMatchObject({ code: "payment_already_used" });
      expect(await world.sessions(other)).toEqual([]);
    });

    it("X02: PAY2's transaction counts on its own network alone, and once", async () => {
      const [both, another] = [await sell(), await sell()];
      const wallets = { [world.second.id]: world.twins.wallet };
      const elsewhere = await register(world.app, { walletAddress: undefined, wallets });
      const only = (await addAsset(world.app, elsewhere)).id;
      const quotes = [await ask(both), await ask(another), await ask(only)].map(({ body }) => String(body.quoteId));
      const signature = await world.twins.pay(PRICE);
      const claim = async (assetId: string, quoteId: string) => {
        const proof = await world.twins.prove(quoteId);
        const header = `PAY2 ${encode({ signature, quoteId, proof })}`;
        return ask(assetId, { "x-payment-authorization": header });
      };
      const [bothId = "", anotherId = "", onlyId = ""] = quotes;
      const refused = await claim(only, onlyId);
      expect(refused.body).toMatchObject({ code: "payment_not_seen" });
      expect(await world.sessions(only)).toEqual([]);
      expect(await claim(both, bothId)).toMatchObject({ status: 200, body: { network: world.first.caip2 } });
      expect((await claim(another, anotherId)).body).toMatchObject({ code: "payment_already_used" });
      expect((await claim(only, onlyId)).body).toMatchObject({ code: "payment_already_used" });
    });
  });
});
