import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSED_ACCESS_SUBJECTS } from "../../../../src/products/access/operators/closed-subject-store.ts";
import {
  CLOSED_SUBJECTS,
  deleteClosedWakes,
  EVERLASTING_SUBJECTS,
} from "../../../../src/products/purchases/watch/closed-wake-store.ts";
import { subjects } from "../../../../workflows/contracts.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("every kind of workflow subject", () => {
  it("either ends, and a room says how that is seen, or is written down as everlasting; never both, never neither", () => {
    const named = [CLOSED_SUBJECTS, CLOSED_ACCESS_SUBJECTS, EVERLASTING_SUBJECTS].flatMap((room) => Object.keys(room));
    expect(named.sort()).toEqual(Object.keys(subjects).sort());
  });
});

describe("deleteClosedWakes", () => {
  it("knows nothing of other kinds and of ids that are nobody's", async () => {
    for (const subject of ["purchase/pur_gone", "unheard-of/1", "purchase", "/", "sweep/dep_x"])
      await app
        .owner("wakes")
        .insert({ subject, seq: 5, sent_seq: 5, updated_at: app.owner.raw("now() - interval '1 year'") });
    expect(await deleteClosedWakes(app.database, { limit: 10 })).toBe(0);
  });
});
