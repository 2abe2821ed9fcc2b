import { describe, expect, it } from "vitest";
import { type BatchRow, readBatch } from "../../src/ledger/read-batch.ts";

const now = new Date("2026-03-01T00:00:00Z");
const earlier = new Date("2026-02-01T00:00:00Z");
const row = (more: Partial<BatchRow> = {}): BatchRow => ({
  ...{ base: "10", posted_at: now, statuses: "{0,1,3}", entries: "{11,4,NULL}", afters: "{700,NULL,5}" },
  ...{ requireds: "{0,0,900}", times: [null, earlier, null], crossed_events: null, crossed_names: null },
  ...more,
});

describe("the answer to a batch", () => {
  it("has one outcome per event, in order", () => {
    expect(readBatch(row()).map(({ status }) => status)).toEqual([0, 1, 3]);
  });

  it("gives a replayed event its first time, and a new one the time of the batch", () => {
    const [posted, replayed] = readBatch(row());
    expect([posted?.postedAt, replayed?.postedAt]).toEqual([now, earlier]);
  });

  it("keeps a balance that does not exist apart from a balance of nothing", () => {
    const [first, second] = readBatch(row({ afters: "{0,NULL,5}" }));
    expect([first?.balance, second?.balance]).toEqual([0n, null]);
  });

  it("keeps balances beyond 2^53 exact", () => {
    expect(readBatch(row({ afters: "{9223372036854775807,NULL,5}" }))[0]?.balance).toBe(9_223_372_036_854_775_807n);
  });

  it("says of a refusal what was needed and what it crossed, by its position", () => {
    const [posted, , refused] = readBatch(row({ crossed_events: "{11,-3}", crossed_names: ["low", "empty"] }));
    expect(posted?.thresholdsCrossed).toEqual(["low"]);
    expect(refused).toMatchObject({ required: 900n, balance: 5n, thresholdsCrossed: ["empty"] });
  });
});
