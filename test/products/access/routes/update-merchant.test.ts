import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { type AccessApp, dataOf, register, startAccessApp } from "../access-app.ts";

const SOLANA_WALLET = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

const update = (key: string, json: unknown) => app.call("/api/v1/merchant", { method: "PATCH", key, json });
const changes = (id: string) =>
  app
    .owner("merchant_wallet_changes")
    .where("merchant_id", id)
    .orderBy("number")
    .select("network", "old_address", "new_address");

describe("200", () => {
  it("changes only what is sent", async () => {
    const { key, wallet } = await register(app);
    expect(dataOf(await update(key, { name: "Café 名前" }))).toMatchObject({
      name: "Café 名前",
      walletAddress: wallet,
    });
    expect(dataOf(await update(key, { refundsUnused: true }))).toMatchObject({
      name: "Café 名前",
      refundsUnused: true,
    });
    expect(dataOf(await app.call("/api/v1/merchant", { key }))).toMatchObject({ refundsUnused: true });
  });

  it("adds, replaces and ends wallets, and keeps every one there ever was", async () => {
    const { id, key, wallet } = await register(app);
    const next = Wallet.createRandom().address;
    expect(dataOf(await update(key, { wallets: { solana: SOLANA_WALLET } })).wallets).toEqual({
      local: wallet,
      solana: SOLANA_WALLET,
    });
    expect(dataOf(await update(key, { walletAddress: next, wallets: { solana: null } }))).toMatchObject({
      walletAddress: next,
      wallets: { local: next },
    });
    await update(key, { walletAddress: next });
    expect(await changes(id)).toEqual([
      { network: "eip155:31337", old_address: null, new_address: wallet },
      { network: "solana:local", old_address: null, new_address: SOLANA_WALLET },
      { network: "solana:local", old_address: SOLANA_WALLET, new_address: null },
      { network: "eip155:31337", old_address: wallet, new_address: next },
    ]);
    await expect(app.database("merchant_wallet_changes").where("merchant_id", id).delete()).rejects.toThrow();
    await expect(app.owner("merchant_wallet_changes").where("merchant_id", id).delete()).rejects.toThrow();
  });
});

describe("refusals change nothing", () => {
  it("409 last_wallet", async () => {
    const { key, wallet } = await register(app);
    expect(await update(key, { wallets: { local: null } })).toMatchObject({
      status: 409,
      body: { code: "last_wallet" },
    });
    expect(dataOf(await app.call("/api/v1/merchant", { key })).wallets).toEqual({ local: wallet });
  });

  it("400 wallet_refused, 400 network_not_offered and 503 rpc_unavailable", async () => {
    const { id, key } = await register(app);
    app.receivers.set("bad", { kind: "refused", flaw: "malformed", detail: "it is 2 bytes long, not 32" });
    app.receivers.set(SOLANA_WALLET, new RpcUnavailable("solana:local", "timeout"));
    const next = Wallet.createRandom().address;
    const codes = [
      await update(key, { walletAddress: next, wallets: { solana: "bad" } }),
      await update(key, { wallets: { local: next, tron: "T" } }),
      await update(key, { wallets: { local: next, solana: SOLANA_WALLET } }),
    ].map(({ status, body }) => [status, body.code]);
    app.receivers.clear();
    expect(codes).toEqual([
      [400, "wallet_refused"],
      [400, "network_not_offered"],
      [503, "rpc_unavailable"],
    ]);
    expect(await changes(id)).toHaveLength(1);
  });

  it.each([{}, { name: "" }, { name: null }, { wallets: { local: "" } }, { refundsUnused: 1 }, [], "x"])(
    "400 invalid_request for %j",
    async (json) => {
      const { key } = await register(app);
      expect(await update(key, json)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    },
  );

  it.each(["settlementMode", "feeBasisPoints", "platformFeeBasisPoints", "isActive", "merchantId", "createdAt"])(
    "400 that names %s, which a merchant may not write",
    async (member) => {
      const { id, key } = await register(app);
      const before = await app.owner("merchants").where("id", id).first();
      const { status, body } = await update(key, { name: "Changed", [member]: null });
      expect([status, body.code]).toEqual([400, "invalid_request"]);
      expect(body.detail).toContain(member);
      expect(await app.owner("merchants").where("id", id).first()).toEqual(before);
    },
  );

  it("401 without a key", async () => {
    expect((await update("", { name: "x" })).status).toBe(401);
  });
});
