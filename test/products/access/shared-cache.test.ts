import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../sandbox/parts/evm.ts";
import type { Call, Reply } from "../../support/app.ts";
import { evmMissing, startTestEvm } from "../../support/evm.ts";
import { type SharedCache, startSharedCache } from "../../support/shared-cache.ts";
import { openEvmPayer } from "../../support/signed-transfers.ts";
import { addAsset, register } from "./access-app.ts";
import { type Payer, type PaymentWorld, signIn, signV2, startPaymentWorld } from "./payments/payment-world.ts";

describe.skipIf(evmMissing)("behind a cache that two payers share", () => {
  let evm: EvmPart;
  let world: PaymentWorld;
  let cache: SharedCache;
  let one: Payer;
  let other: Payer;

  beforeAll(async () => {
    evm = await startTestEvm();
    world = await startPaymentWorld(evm);
    one = await openEvmPayer(evm);
    other = await openEvmPayer(evm);
  });
  beforeEach(async () => {
    cache = await startSharedCache(world.app.server.url);
  });
  afterEach(async () => {
    world.reset();
    await cache.stop();
  });
  afterAll(async () => {
    one?.close();
    other?.close();
    await world?.close();
    await evm?.stop();
  });

  /** As the app's own `call`, through the cache. */
  const call = async (path: string, { json, headers = {}, key, method }: Call = {}): Promise<Reply> => {
    const body = json === undefined ? { method: method ?? "GET" } : { method: "POST", body: JSON.stringify(json) };
    const own = { "content-type": "application/json", ...(key === undefined ? {} : { "x-api-key": key }), ...headers };
    const response = await fetch(`${cache.url}${path}`, { ...body, headers: own });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  const ask = (assetId: string, headers: Record<string, string> = {}) =>
    call(`/api/v1/access/${assetId}`, { json: {}, headers });
  const buy = async (payer: Payer, assetId: string) => ask(assetId, (await signV2(payer, await ask(assetId))).header);
  const pathOf = (url: unknown) => new URL(String(url)).pathname;

  it("X17: each payer gets an offer of its own, and a grant only for its own payment", async () => {
    const { assetId } = await world.sellAsset();
    const [first, second] = [await ask(assetId), await ask(assetId)];
    expect([first.status, second.status]).toEqual([402, 402]);
    expect(second.body.quoteId).not.toBe(first.body.quoteId);
    expect(second.body.quoteSecret).not.toBe(first.body.quoteSecret);
    const { header } = await signV2(one, first);
    expect((await ask(assetId, header)).status).toBe(200);
    const next = await ask(assetId);
    expect(next).toMatchObject({ status: 409, body: { code: "asset_occupied" } });
    expect(JSON.stringify(next.body)).not.toContain("sess_");
    expect((await ask(assetId, header)).status).toBe(200);
    expect(cache.answered).toEqual([]);
  });

  it("a browser that asks for a page is answered the same 402, with the offer in its header and what the thing is", async () => {
    const { assetId } = await world.sellAsset();
    const page = await ask(assetId, { accept: "text/html,application/xhtml+xml;q=0.9" });
    const offer = JSON.parse(Buffer.from(page.headers.get("payment-required") ?? "", "base64").toString("utf8"));
    expect(page.status).toBe(402);
    expect(offer).toMatchObject({ x402Version: 2, resource: { tags: ["gpu"] } });
  });

  it("X17: a status is what it is now, and its token and receipt are only their payer's", async () => {
    const { assetId } = await world.sellAsset();
    const { header } = await signV2(one, await ask(assetId));
    world.behaviour.settle = async () => ({ kind: "unknown", transaction: null, detail: "lost", raw: null });
    const pending = await ask(assetId, header);
    const statusPath = pathOf(pending.body.statusUrl);
    expect((await call(statusPath)).body).toMatchObject({ status: "pending" });
    world.reset();
    const bought = await world.sellAsset();
    const granted = await buy(one, bought.assetId);
    const own = await call(pathOf(granted.body.statusUrl));
    const public_ = await call(`/api/v1/access/payments/${granted.body.paymentId}`);
    expect(own.body).toMatchObject({ sessionToken: granted.body.sessionToken, receipt: granted.body.receipt });
    expect(public_.body).toMatchObject({ sessionToken: null, receipt: null });
    const session = `/api/v1/sessions/${granted.body.sessionToken}`;
    expect((await call(`${session}/status`)).body).toMatchObject({ status: "active" });
    expect((await call(`/api/v1/access/${bought.assetId}/status`)).body).toMatchObject({ active: true });
    expect((await call(session, { method: "DELETE" })).status).toBe(200);
    expect((await call(`${session}/status`)).body).not.toMatchObject({ status: "active" });
    expect((await call(`/api/v1/access/${bought.assetId}/status`)).body).toMatchObject({ active: false });
    expect(cache.answered).toEqual([]);
  });

  it("X17: what a wallet signs in for is not shown to who does not, nor to another wallet", async () => {
    const { assetId, merchantId } = await world.sellAsset();
    const granted = await buy(one, assetId);
    const recover = "/api/v1/sessions/recover";
    const challengeOf = async (path: string, json?: object) => {
      const reply = await call(path, json === undefined ? {} : { json });
      expect(reply.status).toBe(401);
      const { extensions } = reply.body;
      return { ...reply, headers: new Headers({ "payment-required": encodeRequired(extensions) }) };
    };
    const mine = await call(recover, { json: { assetId }, headers: await signIn(one, await challengeOf(recover, {})) });
    expect(mine.body).toMatchObject({ sessions: [{ sessionToken: granted.body.sessionToken }] });
    const theirs = await call(recover, {
      json: { assetId },
      headers: await signIn(other, await challengeOf(recover, {})),
    });
    expect(theirs.body).toEqual({ sessions: [] });
    const balance = `/api/v1/payers/balance?merchantId=${merchantId}`;
    for (const wallet of [one, other]) {
      const seen = await call(balance, { headers: await signIn(wallet, await challengeOf(balance)) });
      expect(seen.body).toMatchObject({ payer: wallet.address });
    }
    expect(cache.answered).toEqual([]);
  });

  it("X17: what a merchant reads with its key is shown to no other merchant, and is what it is now", async () => {
    const [ours, theirs] = [
      await register(world.app, { walletAddress: one.address }),
      await register(world.app, { walletAddress: other.address }),
    ];
    const { id } = await addAsset(world.app, ours);
    await buy(one, id);
    const lists = [
      "assets",
      "payments",
      "payment-log",
      "sessions",
      "events",
      "payouts",
      "invoices",
      "refunds-due",
      "earnings",
    ];
    for (const path of ["", ...lists.map((list) => `/${list}`)].map((rest) => `/api/v1/merchant${rest}`)) {
      const [mine, strange, nobody] = [
        await call(path, { key: ours.key }),
        await call(path, { key: theirs.key }),
        await call(path),
      ];
      expect([path, mine.status, strange.status, nobody.status]).toEqual([path, 200, 200, 401]);
      for (const reply of [strange, nobody]) expect(JSON.stringify(reply.body)).not.toContain(id);
    }
    expect(cache.answered).toEqual([]);
  });

  it("keeps what may be kept: the keys that receipts are checked with", async () => {
    const path = "/.well-known/receipt-keys.json";
    expect((await call(path)).body).toEqual((await call(path)).body);
    expect(cache.answered).toEqual([`GET ${path}`]);
  });
});

/** A 401's challenge where a 402 has it. */
function encodeRequired(extensions: unknown): string {
  const offer = { network: "", amount: "", payTo: "", asset: "" };
  return Buffer.from(JSON.stringify({ accepts: [offer], extensions }), "utf8").toString("base64");
}
