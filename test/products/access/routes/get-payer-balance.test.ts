import { createSIWxPayload, encodeSIWxHeader } from "@x402/extensions/sign-in-with-x";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { ensurePayerBalance } from "../../../../src/products/access/fees/payer-balances.ts";
import { ADMIN_TOKEN, type TestApp } from "../../../support/app.ts";
import { register, startAccessApp } from "../access-app.ts";

const PATH = "/api/v1/payers/balance";
const buyer = privateKeyToAccount(`0x${"42".repeat(32)}`);
const stranger = privateKeyToAccount(`0x${"43".repeat(32)}`);
const Challenge = z.object({
  extensions: z.object({
    "sign-in-with-x": z.object({
      info: z.object({
        ...{ domain: z.string(), uri: z.string(), version: z.string(), nonce: z.string(), issuedAt: z.string() },
        ...{ expirationTime: z.string(), statement: z.string(), resources: z.array(z.string()) },
      }),
      supportedChains: z.array(z.looseObject({ chainId: z.string() })).min(1),
    }),
  }),
});

let app: TestApp;
let merchantId: string;
let key: string;
beforeAll(async () => {
  app = await startAccessApp();
  const merchant = await register(app);
  merchantId = merchant.id;
  key = merchant.key;
  for (const [mode, amount] of [
    ["direct", 250_000_000n],
    ["custodial", 500_000_000n],
  ] as const) {
    await app.context.database.transaction(async (transaction) => {
      const payer = { merchantId, kind: "evm", address: buyer.address, mode } as const;
      const account = await ensurePayerBalance(transaction, payer);
      const held = accounts.refundsReceivable(merchantId);
      await app.context.ledger.postIn(transaction, {
        kind: "access_unserved",
        idempotencyKey: `test:${mode}`,
        postings: [
          { side: "debit", account: held, amount: nanodollars(amount) },
          { side: "credit", account, amount: nanodollars(amount) },
        ],
      });
    });
  }
});
afterAll(() => app?.close());

async function ask(account: typeof buyer, merchant = merchantId) {
  const path = `${PATH}?merchantId=${merchant}`;
  const { status, body } = await app.call(path);
  expect(status).toBe(401);
  const { info, supportedChains } = Challenge.parse(body).extensions["sign-in-with-x"];
  const chainId = supportedChains.find((chain) => chain.chainId.startsWith("eip155:"))?.chainId ?? "";
  const payload = await createSIWxPayload({ ...info, chainId, type: "eip191" }, account, `https://${info.domain}/`);
  return app.call(path, { headers: { "sign-in-with-x": encodeSIWxHeader(payload) } });
}

it("tells a wallet that signed in what it has left at a merchant, and who has its tokens", async () => {
  const { status, body, headers } = await ask(buyer);
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  const held = { total: "0.75", heldByMerchant: "0.25", heldByPlatform: "0.5" };
  expect(body).toEqual({ payer: buyer.address, merchantId, ...held });
});

it("tells nobody of another's money, and nothing of a merchant where there is none", async () => {
  expect((await ask(stranger)).body).toMatchObject({ total: "0", heldByMerchant: "0", heldByPlatform: "0" });
  expect((await ask(buyer, "mer_nobody")).body).toMatchObject({ total: "0" });
  expect((await app.call(PATH)).status).toBe(400);
  expect((await app.call(`${PATH}?merchantId=${merchantId}`, { headers: { "sign-in-with-x": "e30=" } })).status).toBe(
    401,
  );
});

it("shows the merchant what it holds itself, and the operator both", async () => {
  const own = await app.call("/api/v1/merchant/refunds-due", { key });
  expect(own.body.data).toMatchObject({ refunds: [{ amount: "0.25", settlementMode: "direct" }], nextCursor: null });
  const all = (query: string) => app.call(`/admin/payers/balances?${query}`, { key: ADMIN_TOKEN });
  expect((await all("settlementMode=custodial")).body).toMatchObject({ refunds: [{ amount: "0.5", merchantId }] });
  const first = await all("limit=1");
  const rest = await all(`limit=1&cursor=${String(first.body.nextCursor)}`);
  expect([first.body.refunds, rest.body.refunds].flat()).toHaveLength(2);
  expect(rest.body.nextCursor).toBeNull();
});
