import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketName } from "../../../src/integrations/aws/bucket-name.ts";

describe("bucketName", () => {
  it("is a valid bucket and user name for any purchase id", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (purchaseId) => {
        expect(bucketName(purchaseId)).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
      }),
    );
  });

  it("gives a retry the same bucket", () => {
    expect(bucketName("pur_01JD")).toBe(bucketName("pur_01JD"));
  });

  it("stays the name it was when the first bucket was made", () => {
    expect(bucketName("pur_01JD")).toBe("tk-pur-01jd-929af1aab969");
  });

  it("keeps purchases apart that differ in letter case, in punctuation or beyond what fits", () => {
    const long = `CustomerPurchaseID_${"a".repeat(80)}`;
    const ids = ["pur_Ab", "pur_aB", "pur-ab", "pur__ab", `${long}1`, `${long}2`];
    expect(new Set(ids.map(bucketName)).size).toBe(ids.length);
  });
});
