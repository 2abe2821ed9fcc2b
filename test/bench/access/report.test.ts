import { describe, expect, it } from "vitest";
import { addedOf, goalsOf, ratioOf } from "../../../bench/access/goals.ts";
import { accessToJson, printAccessResult } from "../../../bench/access/report.ts";
import type { AccessBenchResult } from "../../../bench/access/run.ts";

const MEGABYTE = 1_048_576;

/** Past us 10 ms, through us `added` more. */
const pair = (added: number) => ({
  direct: { sign: 1, verify: 2, settle: 6, read: 1 },
  ours: { offer: 1, sign: 1, check: 2, settle: 6, grant: added },
});

const slice = (perSecond: number) => ({ perSecond, p50: 1, p99: 2, events: 100 });

function result(changes: Partial<AccessBenchResult> = {}): AccessBenchResult {
  return {
    machine: { cores: 2, model: "a processor", node: "v20", loadBefore: 0.4, loadAfter: 2 },
    paid: [
      { network: "EVM", pairs: [pair(2), pair(3), pair(90)], failed: 0 },
      { network: "Solana", pairs: [pair(4)], failed: 1 },
    ],
    unpaid: [
      { empty: slice(1_000), naive: slice(100), ours: slice(300) },
      { empty: slice(500), naive: slice(50), ours: slice(200) },
      { empty: slice(1_000), naive: slice(100), ours: slice(500) },
    ],
    sessions: {
      ...{ sessions: 1_000, workerBefore: 200 * MEGABYTE, workerLive: 300 * MEGABYTE },
      ...{ apiBefore: 100 * MEGABYTE, apiConnected: 120 * MEGABYTE, tickCpuMs: 400, idleCpuMs: 100 },
      broadcasts: [{ p50: 100, last: 200 }],
      spread: { sessions: 1_000, p50: 10, p99: 40, max: 50 },
      together: { sessions: 1_000, p50: 90, p99: 800, max: 900 },
    },
    ...changes,
  };
}

describe("the report of the access bench", () => {
  it("takes what we add from each pair, and the middle of that, whatever one slow payment says", () => {
    expect(addedOf({ pairs: [pair(2), pair(3), pair(90)] })).toEqual({ p50: 3, p99: 90 });
  });

  it("compares offers with the yardstick of the same round", () => {
    expect(ratioOf(result().unpaid, "naive")).toBe(4);
    expect(ratioOf(result().unpaid, "empty")).toBe(0.4);
  });

  it("meets every goal with a good result, and says with what load the machine was measured", () => {
    expect(goalsOf(result()).filter(({ met }) => !met)).toEqual([]);
    expect(printAccessResult(result())).not.toContain("MISSED");
    expect(printAccessResult(result())).toContain("Load average 0.4 before");
  });

  it("says MISSED of a slow network, and of sessions that end late together", () => {
    const { sessions } = result();
    const slow = result({
      paid: [{ network: "EVM", pairs: [pair(7)], failed: 0 }],
      sessions: { ...sessions, together: { ...sessions.together, p99: 4_000 } },
    });
    expect(goalsOf(slow).flatMap(({ name, met }) => (met ? [] : [name]))).toEqual([
      "ms we add to a paid request, EVM, p50",
      "ms that sessions end late, all in one second, p99",
    ]);
    expect(printAccessResult(slow)).toContain("MISSED");
  });

  it("counts what was not measured as missed, never as met", () => {
    const none = result({ paid: [{ network: "EVM", pairs: [], failed: 0 }], unpaid: [] });
    expect(goalsOf(none).filter(({ met }) => !met)).toHaveLength(2);
  });

  it("gives programs the middles and the goals, and no single payment", () => {
    const document = JSON.parse(JSON.stringify(accessToJson(result())));
    expect(document).toMatchObject({
      paid: [{ network: "EVM", pairs: 3, added: { p50: 3 } }, { network: "Solana" }],
      unpaid: { of_naive: 4 },
      goals: expect.arrayContaining([expect.objectContaining({ met: true })]),
    });
  });
});
