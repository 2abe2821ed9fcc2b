import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSearchAttributes } from "../../../src/platform/temporal/search-attributes.ts";
import { searchAttributes } from "../../../workflows/contracts.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";

let environment: Awaited<ReturnType<typeof startDevServer>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startDevServer();
}, 600_000);
afterAll(() => environment?.teardown());

const ensure = (attributes: Parameters<typeof ensureSearchAttributes>[1]["attributes"], namespace = "default") =>
  ensureSearchAttributes(environment.connection, { namespace, attributes });

describe.skipIf(temporalMissing !== undefined)("search attributes", () => {
  it("may be ensured at every start of every worker", async () => {
    await ensure(searchAttributes);
    await Promise.all([ensure(searchAttributes), ensure(searchAttributes)]);
  });

  it("are there afterwards with their types", async () => {
    await ensure({ Shelf: "KEYWORD", Fresh: "BOOL", BestBefore: "DATETIME" });
    const listed = await environment.connection.operatorService.listSearchAttributes({ namespace: "default" });
    expect(listed.customAttributes).toMatchObject({ Shelf: 2, Fresh: 5, BestBefore: 6 });
  });

  it("stop the start when one is there with another type, which would wedge every workflow that sets it", async () => {
    await expect(ensure({ NeedsReview: "KEYWORD" })).rejects.toThrow("NeedsReview exists with another type");
  });

  it("stop the start in a namespace that is not there", async () => {
    await expect(ensure(searchAttributes, "nowhere")).rejects.toThrow();
  });
});
