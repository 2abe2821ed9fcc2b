import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { type AccessApp, dataOf, startAccessApp } from "../access-app.ts";

const EVM_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const SOLANA_WALLET = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const register = (json: object, headers: Readonly<Record<string, string>> = {}) =>
  app.call("/api/v1/auth/register", { json: { name: "My Gaming Cafe", ...json }, headers });
const merchants = async () => Number((await app.owner("merchants").count({ count: "*" }).first())?.count);

describe("201", () => {
  it("answers the seed's own call in the seed's own shape, with a key that opens the account", async () => {
    const { status, headers, body } = await register({ walletAddress: SOLANA_WALLET, platformFeePercent: 2 });
    expect([status, headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(body).toEqual({
      status: "success",
      data: {
        merchantId: expect.stringMatching(/^mer_[0-9a-z]{36}$/),
        apiKey: expect.stringMatching(/^sk_test_[A-Za-z0-9_-]{43}$/),
        name: "My Gaming Cafe",
        walletAddress: SOLANA_WALLET,
        wallets: { solana: SOLANA_WALLET },
        platformFeeBasisPoints: 200,
        settlementMode: "direct",
        refundsUnused: false,
        isActive: true,
        createdAt: expect.any(String),
      },
      message: "Save your API key - it will not be shown again!",
    });
    const { merchantId, apiKey } = dataOf({ status, headers, body });
    const shown = await app.call("/api/v1/merchant", { headers: { "x-api-key": String(apiKey) } });
    expect(dataOf(shown)).toMatchObject({ merchantId, platformFeeBasisPoints: 200 });
  });

  it.each([0, "0.5", 100, -3])(
    "never follows a platformFeePercent of %j, and warns of it",
    async (platformFeePercent) => {
      const { body } = await register({ walletAddress: EVM_WALLET, platformFeePercent });
      expect(body).toMatchObject({ data: { platformFeeBasisPoints: 200 }, warning: expect.stringContaining("2 %") });
      const row = await app.owner("merchants").where("id", Object(body.data).merchantId).first();
      expect(row.fee_basis_points).toBeNull();
    },
  );

  it("takes a wallet per network by any of its names, which wins over walletAddress", async () => {
    const other = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    for (const name of ["local", "eip155:31337"]) {
      const { body } = await register({
        walletAddress: EVM_WALLET,
        wallets: { [name]: other, "solana-devnet": SOLANA_WALLET },
      });
      expect(body.data).toMatchObject({ wallets: { local: other, solana: SOLANA_WALLET }, walletAddress: EVM_WALLET });
    }
    const { body } = await register({ wallets: { "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1": SOLANA_WALLET } });
    expect(body.data).toMatchObject({ wallets: { solana: SOLANA_WALLET }, walletAddress: SOLANA_WALLET });
  });

  it("keeps names of every script as they were sent, and the key in no log and in no row", async () => {
    const name = "Café №5 – 名前 🦑 <script>'; DROP TABLE merchants;--";
    const { body } = await register({ name, walletAddress: EVM_WALLET });
    expect(body.data).toMatchObject({ name });
    const { apiKey } = Object(body.data);
    expect(app.lines.join("").includes(apiKey)).toBe(false);
    const { rows } = await app.owner.raw("SELECT (SELECT json_agg(k) FROM api_keys k)::text AS keys");
    expect(rows[0].keys.includes(apiKey)).toBe(false);
  });

  it("sets a webhook, and shows the secret that signs once", async () => {
    const { body } = await register({ walletAddress: EVM_WALLET, webhookUrl: "http://127.0.0.1:9/hook" });
    expect(body.data).toMatchObject({ webhookSecret: expect.stringMatching(/^whsec_/) });
    const { merchantId } = Object(body.data);
    expect(await app.owner("merchant_webhooks").where("merchant_id", merchantId)).toHaveLength(1);
  });

  it("A02: registers once per Idempotency-Key, however often and however parallel, and keeps no key in clear", async () => {
    const before = await merchants();
    const headers = { "idempotency-key": newId("try") };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => register({ walletAddress: EVM_WALLET }, headers)),
    );
    const again = await register({ walletAddress: EVM_WALLET }, headers);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await merchants()).toBe(before + 1);
    const keys = answers.filter(({ status }) => status === 201).map(({ body }) => Object(body.data).apiKey);
    expect(new Set([...keys, Object(again.body.data).apiKey]).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const { rows } = await app.owner.raw("SELECT (SELECT json_agg(a) FROM idempotency_keys a)::text AS kept");
    expect(rows[0].kept.includes(keys[0])).toBe(false);
  });

  it("makes merchants of their own out of parallel registrations with one wallet", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => register({ walletAddress: EVM_WALLET })));
    const ids = answers.map(({ body }) => Object(body.data).merchantId);
    expect([new Set(ids).size, answers.every(({ status }) => status === 201)]).toEqual([8, true]);
  });
});

describe("400 and 422: nothing is stored", () => {
  const refused = async (json: object) => {
    const before = await merchants();
    const { status, body } = await register(json);
    expect(await merchants()).toBe(before);
    return { ...body, status };
  };

  it.each([
    [{}, /walletAddress/],
    [{ wallets: {} }, /walletAddress/],
    [{ name: "", walletAddress: EVM_WALLET }, /body\.name/],
    [{ name: "   ", walletAddress: EVM_WALLET }, /body\.name/],
    [{ name: "x".repeat(201), walletAddress: EVM_WALLET }, /body\.name/],
    [{ name: "a\0b", walletAddress: EVM_WALLET }, /body\.name/],
    [{ name: 5, walletAddress: EVM_WALLET }, /body\.name/],
    [{ walletAddress: ["0x1"] }, /walletAddress/],
    [{ walletAddress: EVM_WALLET, wallets: { local: 5 } }, /wallets/],
    [{ walletAddress: EVM_WALLET, webhookUrl: "" }, /webhookUrl/],
    [{ walletAddress: EVM_WALLET, refundsUnused: "yes" }, /refundsUnused/],
  ])("invalid_request for %j", async (json, where) => {
    expect(await refused(json)).toMatchObject({
      status: 400,
      code: "invalid_request",
      detail: expect.stringMatching(where),
    });
  });

  it.each(["settlementMode", "feeBasisPoints", "isActive", "id", "merchantId", "__proto__x"])(
    "invalid_request that names %s, which nobody may give themselves",
    async (member) => {
      const given = await refused({ walletAddress: EVM_WALLET, [member]: "custodial" });
      expect(given).toMatchObject({ status: 400, code: "invalid_request", detail: expect.stringContaining(member) });
    },
  );

  it("network_not_offered, with what is, for an unknown network and for one named twice", async () => {
    const offered = ["local", "solana"];
    const unknown = await refused({ walletAddress: EVM_WALLET, wallets: { dogecoin: "D7" } });
    expect(unknown).toMatchObject({ status: 400, code: "network_not_offered", offered });
    const twice = await refused({ wallets: { local: EVM_WALLET, "eip155:31337": EVM_WALLET } });
    expect(twice).toMatchObject({ status: 400, code: "network_not_offered", detail: expect.stringContaining("twice") });
  });

  it("wallet_refused with a reason for programs", async () => {
    app.receivers.set("shop.sol", { kind: "refused", flaw: "name", detail: "it is a name" });
    expect(await refused({ walletAddress: "shop.sol" })).toMatchObject({
      ...{ status: 400, code: "wallet_refused", reason: "name", network: "solana" },
    });
  });

  it("wallet_refused for a deposit address of ours, which would be credited twice", async () => {
    const { body } = await app.call("/checkout/initiate", {
      json: { checkout_flow_id: "001_amazon_storage_crypto_wallet_topup_gift_card_only", chain: "local" },
    });
    const address = Object(body.crypto_checkout).receiving_address;
    expect(await refused({ walletAddress: address })).toMatchObject({ status: 400, reason: "deposit_address" });
  });

  it("token_account_missing, naming the account that must be created", async () => {
    const address = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
    app.receivers.set(address, { kind: "accepted", address, missing: [{ token: "4zMM", account: "ATA1" }] });
    expect(await refused({ walletAddress: address })).toMatchObject({
      ...{ status: 422, code: "token_account_missing", network: "solana" },
      missing: [{ mint: "4zMM", account: "ATA1" }],
    });
  });

  it("webhook_url_refused before any chain is asked", async () => {
    expect(await refused({ walletAddress: EVM_WALLET, webhookUrl: "https://shop.example/#x" })).toMatchObject({
      code: "webhook_url_refused",
    });
  });
});

describe("503 rpc_unavailable", () => {
  it("when a chain cannot be asked: nothing is stored", async () => {
    const before = await merchants();
    app.receivers.set(SOLANA_WALLET, new RpcUnavailable("solana:local", "getMultipleAccounts: timeout"));
    const answer = await register({ walletAddress: EVM_WALLET, wallets: { solana: SOLANA_WALLET } });
    app.receivers.delete(SOLANA_WALLET);
    expect(answer).toMatchObject({ status: 503, body: { code: "rpc_unavailable" } });
    expect(await merchants()).toBe(before);
  });
});
