import { afterAll, beforeAll, expect, it } from "vitest";
import {
  insertBucketUser,
  listBucketUsers,
  markUserRevoked,
  promoteBucketUser,
  shortenOverlap,
} from "../../../src/products/purchases/bucket-user-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("lets a purchase have one current and one wanted user, which the database itself keeps", async () => {
  const { purchaseId } = await sell(app);
  const insert = (generation: number, status: "wanted" | "current") =>
    insertBucketUser(app.database, {
      ...{ purchaseId, generation, status },
      userName: `${purchaseId}-${generation}`,
      overlapSeconds: 60,
    });
  await insert(1, "current");
  await insert(2, "wanted");
  await expect(insert(3, "wanted")).rejects.toThrow("bucket_users_wanted");
  await expect(insert(3, "current")).rejects.toThrow("bucket_users_current");
  await shortenOverlap(app.database, { purchaseId, overlapSeconds: 600 });
  await promoteBucketUser(app.database, { purchaseId, generation: 2 });
  const [first, second] = await listBucketUsers(app.database, purchaseId);
  expect([first?.status, second?.status, second?.overlapSeconds]).toEqual(["retiring", "current", 60]);
  expect(first?.revokeAt).toBeInstanceOf(Date);
  await markUserRevoked(app.database, { purchaseId, generation: 1 });
  await markUserRevoked(app.database, { purchaseId, generation: 1 });
  expect((await listBucketUsers(app.database, purchaseId))[0]?.status).toBe("revoked");
});
