import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { findPurchase, insertPurchase, updatePurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { initiate, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function soldPurchase() {
  const { purchaseId } = await sell(app);
  const purchase = await findPurchase(app.database, purchaseId);
  if (purchase === null) throw new Error("the purchase is not there");
  return purchase;
}

describe("insertPurchase", () => {
  it("keeps everything as given, and begins in provisioning", async () => {
    const like = await soldPurchase();
    const { checkout } = await initiate(app);
    const fresh = {
      ...like,
      id: checkout.purchaseId,
      checkoutId: checkout.id,
      officexPurchaseId: "ox",
      buyerOrgId: "org",
    };
    await insertPurchase(app.database, fresh);
    expect(await findPurchase(app.database, fresh.id)).toMatchObject({
      ...{
        checkoutId: checkout.id,
        terms: like.terms,
        triggers: like.triggers,
        officexPurchaseId: "ox",
        buyerOrgId: "org",
      },
      ...{ status: "provisioning", graceEndsAt: null, terminatedAt: null },
    });
  });

  it("refuses a second purchase for the same checkout: one payment, one product", async () => {
    const purchase = await soldPurchase();
    await expect(insertPurchase(app.database, { ...purchase, id: "pur_second" })).rejects.toMatchObject({
      code: "23505",
    });
  });

  it("refuses triggers that are not low > critical > termination >= 0, whoever writes them", async () => {
    const purchase = await soldPurchase();
    for (const [low, critical, termination] of [
      [1n, 1n, 0n],
      [2n, 1n, 1n],
      [2n, 1n, -1n],
    ] as const) {
      const { checkout } = await initiate(app);
      const triggers = {
        low: nanodollars(low),
        critical: nanodollars(critical),
        termination: nanodollars(termination),
      };
      const bad = { ...purchase, id: checkout.purchaseId, checkoutId: checkout.id, triggers };
      await expect(insertPurchase(app.database, bad)).rejects.toMatchObject({ code: "23514" });
    }
  });
});

describe("updatePurchase", () => {
  it("keeps the time a status began while it stays, and starts anew when it changes", async () => {
    const { id, statusSince } = await soldPurchase();
    const write = async (status: "active" | "low") => {
      await updatePurchase(app.database, { id, status, graceEndsAt: null });
      return (await findPurchase(app.database, id))?.statusSince.getTime();
    };
    expect(await write("active")).toBe(statusSince.getTime());
    expect(await write("low")).toBeGreaterThan(statusSince.getTime());
  });

  it("notes the first time of termination only, and keeps the deadline it is given", async () => {
    const { id } = await soldPurchase();
    const graceEndsAt = new Date("2030-01-01T00:00:00Z");
    await updatePurchase(app.database, { id, status: "terminating", graceEndsAt });
    expect(await findPurchase(app.database, id)).toMatchObject({ graceEndsAt, terminatedAt: null });
    await updatePurchase(app.database, { id, status: "terminated", graceEndsAt });
    const first = (await findPurchase(app.database, id))?.terminatedAt;
    await updatePurchase(app.database, { id, status: "terminated", graceEndsAt: null });
    expect(first).toBeInstanceOf(Date);
    expect((await findPurchase(app.database, id))?.terminatedAt).toEqual(first);
  });

  it("never lets the evaluated sequence go back", async () => {
    const { id } = await soldPurchase();
    for (const evaluatedSequence of [7n, 3n]) {
      await updatePurchase(app.database, { id, status: "active", graceEndsAt: null, evaluatedSequence });
    }
    await updatePurchase(app.database, { id, status: "active", graceEndsAt: null });
    const row = await app.database("purchases").where({ id }).first("evaluated_sequence");
    expect(row).toEqual({ evaluated_sequence: "7" });
  });
});

describe("findPurchase", () => {
  it("has nothing for an unknown id, and locks only when asked", async () => {
    expect(await findPurchase(app.database, "pur_none")).toBeNull();
    const { id } = await soldPurchase();
    await app.database.transaction(async (transaction) => {
      await findPurchase(transaction, id, { lock: true });
      expect((await findPurchase(app.database, id))?.id).toBe(id);
      const refused = app.database.raw("SELECT 1 FROM purchases WHERE id = ? FOR UPDATE NOWAIT", [id]);
      await expect(refused).rejects.toMatchObject({ code: "55P03" });
    });
  });
});
