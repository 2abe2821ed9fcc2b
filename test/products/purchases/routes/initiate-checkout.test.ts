import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { OFFER } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const initiate = (json: unknown, headers: Readonly<Record<string, string>> = {}) =>
  app.call("/checkout/initiate", { json, headers });
const countCheckouts = async () => Number((await app.database("checkouts").count())[0]?.count);

describe("200", () => {
  it("gives a deposit address and everything a wallet needs to pay it", async () => {
    const { status, body } = await initiate({ offer_id: OFFER, tracer: "trace-1" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      offer_id: OFFER,
      checkout_pattern: "CRYPTO_WALLET_TOPUP",
      tracer: "trace-1",
      validation_endpoint: "https://shop.example/checkout/validate",
      finalization_endpoint: "https://shop.example/checkout/finalize",
      crypto_checkout: {
        receiving_address: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        token_symbol: "USDC",
        token_decimals: 6,
        minimum_amount: "1",
        chain: "local",
      },
    });
  });

  it.each([
    ["/checkout/initiate", { offer_id: OFFER }],
    ["/v1/checkout/initiate", { checkout_flow_id: "001_amazon_storage_crypto_wallet_topup_gift_card_only" }],
    [`/offer/${OFFER}/checkout/initiate`, {}],
    [`/v1/offer/${OFFER}/checkout/initiate`, { offer_id: OFFER }],
  ])("answers at %s", async (path, json) => {
    const { status, body } = await app.call(path, { json });
    expect([status, body.offer_id]).toEqual([200, OFFER]);
  });

  it("refuses a body that names another offer than the path, whether it exists or not", async () => {
    const before = await countCheckouts();
    const answer = await app.call(`/v1/offer/${OFFER}/checkout/initiate`, { json: { offer_id: "another" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "offer_mismatch" } });
    expect(await countCheckouts()).toBe(before);
  });

  it("A02: the same Idempotency-Key with the same body is the same session, even from 20 callers at once", async () => {
    const before = await countCheckouts();
    const headers = { "idempotency-key": "order-1" };
    const first = await initiate({ offer_id: OFFER, tracer: "t" }, headers);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => initiate({ tracer: "t", offer_id: OFFER }, headers)),
    );
    expect(new Set(answers.map(({ body }) => body.checkout_session_id))).toEqual(
      new Set([first.body.checkout_session_id]),
    );
    expect(answers.map(({ headers: sent }) => sent.get("idempotency-replayed"))).toEqual(Array(20).fill("true"));
    expect(await countCheckouts()).toBe(before + 1);
  });

  it("A05: two first tries at the same moment make one checkout", async () => {
    const before = await countCheckouts();
    const headers = { "idempotency-key": "order-racing" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => initiate({ offer_id: OFFER }, headers)));
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(await countCheckouts()).toBe(before + 1);
  });

  it("A03: the same key from another address is another checkout: nobody is handed a stranger's session", async () => {
    const behindProxy = await startTestApp({ TRUST_PROXY: "1" });
    const from = async (address: string) => {
      const headers = { "idempotency-key": "1", "x-forwarded-for": address };
      return (await behindProxy.call("/checkout/initiate", { json: { offer_id: OFFER }, headers })).body;
    };
    const [mine, again, stranger] = [await from("192.0.2.1"), await from("192.0.2.1"), await from("192.0.2.2")];
    expect(again).toEqual(mine);
    expect(stranger.checkout_session_id).not.toBe(mine.checkout_session_id);
    await behindProxy.close();
  });

  it("A10: members that are not the caller's to set change nothing", async () => {
    const forged = {
      purchase_id: "pur_mine",
      status: "paid",
      minimum_nanodollars: "1",
      minimum_amount: "0.01",
      balance: "1000",
      deposit_address: "0x0000000000000000000000000000000000000001",
      constructor: { prototype: { isAdmin: true } },
    };
    const { body } = await initiate({ offer_id: OFFER, ...forged });
    const { crypto_checkout } = z
      .object({ crypto_checkout: z.object({ receiving_address: z.string(), minimum_amount: z.string() }) })
      .parse(body);
    const row = await app.database("checkouts").where("deposit_address", crypto_checkout.receiving_address).first();
    expect(row).toMatchObject({ status: "awaiting_deposit", minimum_nanodollars: "1000000000" });
    expect(row.purchase_id).not.toBe("pur_mine");
  });
});

describe("422 idempotency_key_reused", () => {
  it("A02: the same key with another body makes nothing", async () => {
    const headers = { "idempotency-key": "order-2" };
    await initiate({ offer_id: OFFER }, headers);
    const before = await countCheckouts();
    expect(await initiate({ offer_id: OFFER, token: "USDC" }, headers)).toMatchObject({
      status: 422,
      body: { code: "idempotency_key_reused" },
    });
    expect(await countCheckouts()).toBe(before);
  });

  it("A07: a refusal does not burn the key", async () => {
    const headers = { "idempotency-key": "order-3" };
    expect((await initiate({ offer_id: 7 }, headers)).status).toBe(400);
    expect((await initiate({ offer_id: "none" }, headers)).status).toBe(404);
    expect((await initiate({ offer_id: OFFER }, headers)).status).toBe(200);
  });
});

describe("404 offer_not_found", () => {
  it("for an unknown offer, an unknown flow, and none at all", async () => {
    for (const json of [{ offer_id: "none" }, { checkout_flow_id: "none" }, {}]) {
      expect(await initiate(json)).toMatchObject({ status: 404, body: { code: "offer_not_found" } });
    }
  });
});

describe("400 payment_method_not_accepted", () => {
  it("names what the offer takes and gives out no address", async () => {
    const before = await app.database("deposit_addresses").count();
    expect(await initiate({ offer_id: OFFER, token: "USDT" })).toMatchObject({
      status: 400,
      body: { code: "payment_method_not_accepted", accepted: ["USDC on local"] },
    });
    expect(await app.database("deposit_addresses").count()).toEqual(before);
  });
});

describe("400 invalid_request", () => {
  it.each([
    ["a number for a text", { offer_id: 1 }],
    ["a text beyond its bound", { offer_id: OFFER, tracer: "x".repeat(257) }],
    ["a host that is no address", { offer_id: OFFER, host: "javascript:alert(1)" }],
    ["an array for the body", []],
  ])("%s", async (_name, json) => {
    expect(await initiate(json)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("takes one mail address or none, and nothing that would be more than an address in a header", async () => {
    for (const email of ["a@example.com", "first.last+tag@mail.example.org", ""])
      expect((await initiate({ offer_id: OFFER, email })).status).toBe(200);
    const bad = ["a@example.com\r\nBcc: all@example.com", "a@example.com,b@example.com", "A <a@example.com>", "nobody"];
    for (const email of bad)
      expect(await initiate({ offer_id: OFFER, email })).toMatchObject({
        status: 400,
        body: { code: "invalid_request" },
      });
  });

  it("A10: __proto__ in the body is refused as malformed, and nothing inherits from it", async () => {
    const raw = `{"offer_id":"${OFFER}","__proto__":{"chain":"evil"}}`;
    expect(await app.call("/checkout/initiate", { raw })).toMatchObject({
      status: 400,
      body: { code: "malformed_json" },
    });
    expect(Object.hasOwn(Object.prototype, "chain")).toBe(false);
  });

  it.each(HOSTILE_TEXTS)(
    "A11: %s in any text is refused or kept as it is, never run and never a 500",
    async (name, text) => {
      const fields = [
        "offer_id",
        "checkout_flow_id",
        "chain",
        "token",
        "email",
        "org_id",
        "user_id",
        "org_api_key",
        "tracer",
      ];
      for (const field of fields) {
        const { status, body } = await initiate({ offer_id: OFFER, [field]: text });
        expect(status === 200 || status === 400 || status === 404, `${field}: ${name}`).toBe(true);
        if (field === "tracer" && status === 200) expect(body.tracer).toBe(text);
      }
      const path = `/offer/${encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "?"))}/checkout/initiate`;
      expect([400, 404]).toContain((await app.call(path, { json: {} })).status);
      const { rows } = await app.database.raw<{ rows: unknown[] }>("SELECT 1 AS one FROM purchases LIMIT 0");
      expect(rows).toEqual([]);
    },
  );
});
