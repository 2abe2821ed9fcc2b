import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  listBucketUsers,
  markUserRevoked,
  promoteBucketUser,
} from "../../../src/products/purchases/bucket-user-store.ts";
import { awaitRotation, requestRotation } from "../../../src/products/purchases/request-rotation.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { exhaust, sell, sellUnprovisioned } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

const request = (purchaseId: string, overlapSeconds = 60) =>
  requestRotation(app.context, { purchaseId, overlapSeconds });

describe("requestRotation", () => {
  it("writes down one wanted user however often and at once it is asked, with the shortest overlap", async () => {
    const { purchaseId } = await sell(app);
    const asked = await Promise.all([60, 5, 600, 60].map((overlap) => request(purchaseId, overlap)));
    expect(new Set(asked.map(({ generation }) => generation))).toEqual(new Set([2]));
    const users = await listBucketUsers(app.database, purchaseId);
    expect(users.map(({ generation, status, overlapSeconds }) => [generation, status, overlapSeconds])).toEqual([
      [1, "current", 0],
      [2, "wanted", 5],
    ]);
    expect(new Set(users.map(({ userName }) => userName)).size).toBe(2);
  });

  it("never lengthens the life of users that are to end already", async () => {
    const { purchaseId } = await sell(app);
    await request(purchaseId, 10);
    await promoteBucketUser(app.database, { purchaseId, generation: 2 });
    const before = (await listBucketUsers(app.database, purchaseId))[0]?.revokeAt;
    await request(purchaseId, 1_000);
    await promoteBucketUser(app.database, { purchaseId, generation: 3 });
    const [first, second, third] = await listBucketUsers(app.database, purchaseId);
    expect([first?.revokeAt, second?.status, third?.status]).toEqual([before, "retiring", "current"]);
    await markUserRevoked(app.database, { purchaseId, generation: 1 });
    expect((await listBucketUsers(app.database, purchaseId))[0]?.status).toBe("revoked");
  });

  it("refuses what is not there, not ready, or ending", async () => {
    await expect(request("pur_none")).rejects.toMatchObject({ code: "purchase_not_found" });
    await expect(request((await sellUnprovisioned(app)).purchaseId)).rejects.toMatchObject({
      code: "not_provisioned_yet",
    });
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await expect(request(sale.purchaseId)).rejects.toMatchObject({ code: "purchase_terminated" });
  });
});

describe("awaitRotation", () => {
  it("answers when the user is made, or that it is not yet", async () => {
    const { purchaseId } = await sell(app);
    const { generation } = await request(purchaseId);
    expect(await awaitRotation(app.context, { purchaseId, generation, waitMs: 1 })).toBe(false);
    const waiting = awaitRotation(app.context, { purchaseId, generation, waitMs: 10_000 });
    await promoteBucketUser(app.database, { purchaseId, generation });
    expect(await waiting).toBe(true);
  });
});
