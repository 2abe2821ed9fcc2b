import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { advance, charge, exhaust, pay, type Sale, sell, sellUnprovisioned } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app, "5");
});
afterAll(() => app.close());

const read = ({ purchaseId, customerKey }: Sale) => app.call(`/purchase/${purchaseId}`, { key: customerKey });

describe("200", () => {
  it("shows balance, triggers, wallet, deposits and bucket", async () => {
    const { status, body } = await read(sale);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      purchase: {
        id: sale.purchaseId,
        status: "active",
        balance: "5",
        balance_nanodollars: "5000000000",
        balance_low_trigger: "1",
        balance_critical_trigger: "0.5",
        balance_termination_trigger: "0.05",
        thresholds_crossed: [],
        grace_ends_at: null,
      },
      checkout_wallet: {
        address: sale.checkout.depositAddress,
        chain: "local",
        token: "USDC",
        deposits: [{ amount: "5", status: "confirmed", log_index: 0 }],
      },
      resources: { region: "us-east-1" },
    });
  });

  it("shows a purchase that is still being provisioned", async () => {
    const { body } = await read(await sellUnprovisioned(app));
    expect(body).toMatchObject({ purchase: { status: "provisioning" }, resources: { bucket: null } });
  });

  it("C06: counts every later deposit, and names each", async () => {
    const bought = await sell(app, "1");
    const hash = await pay(app, bought, "2.5");
    const { body } = await read(bought);
    expect(body).toMatchObject({
      purchase: { balance: "3.5" },
      checkout_wallet: { deposits: expect.arrayContaining([expect.objectContaining({ transaction_hash: hash })]) },
    });
  });

  it("tells what was crossed, and until when there is grace", async () => {
    const bought = await sell(app, "5");
    await charge(app, bought, "4.96");
    const { deadline } = await advance(app, bought);
    expect((await read(bought)).body).toMatchObject({
      purchase: { status: "grace", thresholds_crossed: ["low", "critical", "termination"], grace_ends_at: deadline },
    });
  });

  it("goes on showing a purchase that ended", async () => {
    const bought = await sell(app, "5");
    await exhaust(app, bought, "4.96");
    expect((await read(bought)).body).toMatchObject({ purchase: { status: "terminating", balance: "0.04" } });
  });

  it("holds no key and no secret", async () => {
    const text = JSON.stringify((await read(sale)).body);
    for (const secret of [sale.customerKey, sale.vendorKey, sale.sessionId, `secret-of-${sale.purchaseId}`]) {
      expect(text.includes(secret)).toBe(false);
    }
  });
});

describe("404 purchase_not_found", () => {
  it("A09: for another's purchase, one that does not exist, and hostile ids alike", async () => {
    const other = await sell(app, "1");
    for (const id of [other.purchaseId, "pur_none", "%00", "' OR 1=1 --", "__proto__"].map(encodeURIComponent)) {
      for (const path of [`/purchase/${id}`, `/v1/purchase/${id}`]) {
        expect(await app.call(path, { key: sale.customerKey })).toMatchObject({
          status: 404,
          body: { code: "purchase_not_found" },
        });
      }
    }
  });
});

describe("401 unauthorized", () => {
  it("without a key, and with one that is nearly right", async () => {
    for (const key of [undefined, `${sale.customerKey}x`, "cbk_' OR 1=1 --"]) {
      const call = key === undefined ? {} : { key };
      expect(await app.call(`/purchase/${sale.purchaseId}`, call)).toMatchObject({
        status: 401,
        body: { code: "unauthorized" },
      });
    }
  });
});
